"""What senders are told, in their language: ru, kk or en; and the words that they may write instead of pressing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from api.languages.language import LANGUAGES

Said = Mapping[str, str]

WORDS: dict[str, Said] = {
    "subject": {
        "ru": "Ваше сообщение о надписи на стене",
        "kk": "Қабырғадағы жазу туралы хабарламаңыз",
        "en": "Your message about writing on a wall",
    },
    "hello": {
        "ru": "Здравствуйте! Сюда присылают фото рекламы наркотиков на стенах.\n\n1. Пришлите фото надписи.\n2."
        " Пришлите точное место: геопозицию, координаты или ссылку на карту.\n3. Подтвердите и получите номер"
        " обращения.\n\n"
        "Фото лучше прислать файлом («Прикрепить», затем «Файл»): обычное фото в чате теряет координаты съёмки."
        " Адреса с надписей не открывайте.\n\nЗабыть меня: /stop",
        "kk": "Сәлеметсіз бе! Мұнда қабырғалардағы есірткі жарнамасының фотосы жіберіледі.\n\n1. Жазудың фотосын"
        " жіберіңіз.\n2. Нақты орнын жіберіңіз: геопозиция, координаталар немесе картаға сілтеме.\n3. Растаңыз, сонда"
        " өтініш нөмірін аласыз.\n\nФотоны файл ретінде жіберген дұрыс («Тіркеу», содан кейін «Файл»): чаттағы кәдімгі"
        " фото түсірілген жердің координаталарын жоғалтады. Жазудағы мекенжайларды ашпаңыз.\n\nМені ұмытыңыз: /stop",
        "en": "Hello! This is where photos of drug advertising on walls are sent.\n\n1. Send a photo of the writing.\n"
        "2. Send the exact place: a shared location, coordinates, or a map link.\n3. Confirm, and get a receipt"
        " number.\n\nBest send the photo as a file (Attach, then File): an ordinary photo in a chat loses its"
        " coordinates. Do not open addresses painted on walls.\n\nForget me: /stop",
    },
    "ask_place": {
        "ru": "Спасибо, фото получено: {photos}. Где эта стена? Пришлите её геопозицию, координаты (например 54.8700,"
        " 69.1500) или ссылку на карту. Нужно место стены, а не телефона. То же фото, присланное файлом, часто само"
        " знает место.\n\nОтменить: /cancel",
        "kk": "Рақмет, фото алынды: {photos}. Бұл қабырға қайда? Оның геопозициясын, координаталарын (мысалы 54.8700,"
        " 69.1500) немесе картаға сілтемені жіберіңіз. Телефонның емес, қабырғаның орны керек. Файл ретінде жіберілген"
        " сол фото көбіне орнын өзі біледі.\n\nБас тарту: /cancel",
        "en": "Thank you, photos received: {photos}. Where is this wall? Send its location, coordinates (such as"
        " 54.8700, 69.1500) or a map link. It is the place of the wall that is needed, not of the phone. The same photo"
        " sent as a file often knows its place.\n\nCancel: /cancel",
    },
    "ask_new_place": {
        "ru": "Пришлите другое место: геопозицию, координаты или ссылку на карту.",
        "kk": "Басқа орынды жіберіңіз: геопозиция, координаталар немесе картаға сілтеме.",
        "en": "Send another place: a shared location, coordinates or a map link.",
    },
    "ask_photo": {
        "ru": "Место записано: {lat}, {lon}. Теперь пришлите фото надписи, одно или несколько.\n\nОтменить: /cancel",
        "kk": "Орны жазылды: {lat}, {lon}. Енді жазудың фотосын жіберіңіз, бір немесе бірнеше.\n\nБас тарту: /cancel",
        "en": "The place is noted: {lat}, {lon}. Now send photos of the writing, one or several.\n\nCancel: /cancel",
    },
    "ask_confirm": {
        "ru": "Проверьте. Фото: {photos}. Место: {lat}, {lon}{exif}\n{link}\n\nОтправить?",
        "kk": "Тексеріңіз. Фото: {photos}. Орны: {lat}, {lon}{exif}\n{link}\n\nЖіберу керек пе?",
        "en": "Please check. Photos: {photos}. Place: {lat}, {lon}{exif}\n{link}\n\nSend it?",
    },
    "from_exif": {"ru": " (из самого фото)", "kk": " (фотоның өзінен)", "en": " (from the photo itself)"},
    "late_photo": {
        "ru": "Это фото пришло позже, чем было отправлено обращение {receipt}. Место взято то же самое.",
        "kk": "Бұл фото {receipt} өтініші жіберілгеннен кейін келді. Орны сол күйі алынды.",
        "en": "This photo arrived after report {receipt} had been sent. The same place was taken for it.",
    },
    "late_place": {
        "ru": "Обращение {receipt} уже отправлено с другим местом. Если то место неверно, пришлите фото ещё раз.",
        "kk": "{receipt} өтініші басқа орынмен жіберіліп қойған. Егер ол орын қате болса, фотоны қайта жіберіңіз.",
        "en": "Report {receipt} has been sent with another place. If that one is wrong, send the photo again.",
    },
    "thanks": {
        "ru": "Спасибо! Обращение принято, номер {receipt}. Фото прочитает программа, затем посмотрит человек.",
        "kk": "Рақмет! Өтініш қабылданды, нөмірі {receipt}. Фотоны бағдарлама оқиды, содан кейін адам қарайды.",
        "en": "Thank you! The report was taken, number {receipt}. A program reads the photos, then a person looks.",
    },
    "thanks_may_tell": {
        "ru": " Если хотите, сообщим сюда, что из этого вышло; для этого мы запомним этот чат.",
        "kk": " Қаласаңыз, нәтижесін осында хабарлаймыз; ол үшін осы чатты есте сақтаймыз.",
        "en": " If you wish, we tell you here what becomes of it; for that we remember this chat.",
    },
    "agreed": {
        "ru": "Хорошо, сообщим здесь об обращении {receipt}. Передумаете: /stop",
        "kk": "Жарайды, {receipt} өтініші туралы осында хабарлаймыз. Ойыңыз өзгерсе: /stop",
        "en": "All right, we tell you here about report {receipt}. If you change your mind: /stop",
    },
    "forgotten": {
        "ru": "Мы забыли этот чат и больше не напишем. Присланные фото остаются: это свидетельства. Написать снова"
        " можно в любое время.",
        "kk": "Біз бұл чатты ұмыттық, енді жазбаймыз. Жіберілген фотолар қалады: олар айғақ. Кез келген уақытта қайта"
        " жаза аласыз.",
        "en": "We have forgotten this chat and will not write again. Photos that were sent stay: they are evidence. You"
        " may write again at any time.",
    },
    "cancelled": {
        "ru": "Отменено. Если передумаете, пришлите фото ещё раз.",
        "kk": "Тоқтатылды. Ойыңыз өзгерсе, фотоны қайта жіберіңіз.",
        "en": "Cancelled. If you change your mind, send the photo again.",
    },
    "nothing_to_cancel": {
        "ru": "Отменять нечего. Чтобы сообщить о надписи, пришлите фото.",
        "kk": "Тоқтататын ештеңе жоқ. Жазу туралы хабарлау үшін фото жіберіңіз.",
        "en": "There is nothing to cancel. To report writing on a wall, send a photo.",
    },
    "menu": {
        "ru": "Что сделать? Ещё фото можно просто прислать сюда.",
        "kk": "Не істейміз? Тағы фотоны осында жібере салуға болады.",
        "en": "What shall be done? More photos can simply be sent here.",
    },
    "more": {
        "ru": "Пришлите ещё фото этой же стены.",
        "kk": "Осы қабырғаның тағы фотоларын жіберіңіз.",
        "en": "Send more photos of the same wall.",
    },
    "choose_language": {"ru": "Выберите язык.", "kk": "Тілді таңдаңыз.", "en": "Choose a language."},
    "language_set": {"ru": "Теперь пишем по-русски.", "kk": "Енді қазақша жазамыз.", "en": "English from now on."},
    "old_button": {
        "ru": "Эта кнопка уже не действует.",
        "kk": "Бұл түйме енді жұмыс істемейді.",
        "en": "This button does nothing any more.",
    },
    "sent_already": {
        "ru": "Это обращение уже отправлено, номер {receipt}.",
        "kk": "Бұл өтініш жіберіліп қойған, нөмірі {receipt}.",
        "en": "This report has been sent already, number {receipt}.",
    },
    "not_a_photo": {
        "ru": "Стикер, видео, голос или контакт мы не разберём. Пришлите фото надписи (лучше файлом) и место стены:"
        " геопозицию, координаты или ссылку на карту.",
        "kk": "Стикер, бейне, дауыс немесе контакт бізге көмектеспейді. Жазудың фотосын (файл ретінде дұрыс) және"
        " қабырғаның орнын жіберіңіз: геопозиция, координаталар немесе картаға сілтеме.",
        "en": "A sticker, video, voice message or contact is of no use to us. Send a photo of the writing (best as a"
        " file) and the place of the wall: a shared location, coordinates or a map link.",
    },
    "address_text": {
        "ru": "Спасибо, текст записан. Одного адреса мало: пришлите фото стены, на которой он написан, и место этой"
        " стены (не телефона).",
        "kk": "Рақмет, мәтін жазылды. Мекенжайдың өзі жеткіліксіз: ол жазылған қабырғаның фотосын және сол қабырғаның"
        " (телефонның емес) орнын жіберіңіз.",
        "en": "Thank you, the text is noted. An address alone is not enough: send a photo of the wall that it is"
        " painted on, and the place of that wall (not of the phone).",
    },
    "forwarded": {
        "ru": "Это пересланное сообщение: укажите место самой стены, а не телефона.",
        "kk": "Бұл қайта жіберілген хабарлама: телефонның емес, қабырғаның орнын көрсетіңіз.",
        "en": "This was forwarded: give the place of the wall itself, not of the phone.",
    },
    "noted": {"ru": "Записано к обращению.", "kk": "Өтінішке жазылды.", "en": "Noted with the report."},
    "place_not_found": {
        "ru": "Координат в этом тексте нет. Пришлите геопозицию стены, координаты (например 54.8700, 69.1500) или"
        " ссылку на карту с меткой.",
        "kk": "Бұл мәтінде координаталар жоқ. Қабырғаның геопозициясын, координаталарын (мысалы 54.8700, 69.1500)"
        " немесе белгісі бар картаға сілтемені жіберіңіз.",
        "en": "There are no coordinates in this text. Send the location of the wall, coordinates (such as 54.8700,"
        " 69.1500) or a map link with a pin.",
    },
    "out_of_region": {
        "ru": "Место {lat}, {lon} далеко отсюда. Проверьте и пришлите место стены ещё раз.",
        "kk": "{lat}, {lon} орны бұл жерден алыс. Тексеріп, қабырғаның орнын қайта жіберіңіз.",
        "en": "The place {lat}, {lon} is far from here. Check it, and send the place of the wall again.",
    },
    "same_photo": {
        "ru": "Это фото уже есть в обращении.",
        "kk": "Бұл фото өтініште бар.",
        "en": "This photo is in the report already.",
    },
    "media_too_large": {
        "ru": "Файл слишком большой: не больше {limit_mib} МиБ. Пришлите обычное фото.",
        "kk": "Файл тым үлкен: ең көбі {limit_mib} МиБ. Кәдімгі фото жіберіңіз.",
        "en": "The file is too large: at most {limit_mib} MiB. Send an ordinary photo.",
    },
    "media_gone": {
        "ru": "Файл получить не удалось. Пришлите его, пожалуйста, ещё раз.",
        "kk": "Файлды алу мүмкін болмады. Оны қайта жіберіңізші.",
        "en": "The file could not be fetched. Please send it again.",
    },
    "too_many": {
        "ru": "Слишком много сообщений подряд: часть не прочитана. Подождите минуту и продолжайте.",
        "kk": "Қатарынан тым көп хабарлама: бір бөлігі оқылмады. Бір минут күтіп, жалғастырыңыз.",
        "en": "Too many messages at once: some were not read. Wait a minute, then go on.",
    },
    "quota": {
        "ru": "За день можно прислать не больше {limit} фото. Остальные пришлите завтра.",
        "kk": "Бір күнде ең көбі {limit} фото жіберуге болады. Қалғанын ертең жіберіңіз.",
        "en": "At most {limit} photos can be sent in a day. Send the others tomorrow.",
    },
    "remind_place": {
        "ru": "Фото у нас, не хватает места стены. Пришлите геопозицию, координаты или ссылку на карту."
        " Отменить: /cancel",
        "kk": "Фото бізде, қабырғаның орны жетіспейді. Геопозицияны, координаталарды немесе картаға сілтемені"
        " жіберіңіз. Бас тарту: /cancel",
        "en": "We have the photo, and the place of the wall is missing. Send a location, coordinates or a map link."
        " Cancel: /cancel",
    },
    "remind_confirm": {
        "ru": "Обращение ещё не отправлено: нажмите кнопку под этим сообщением.",
        "kk": "Өтініш әлі жіберілмеді: осы хабарламаның астындағы түймені басыңыз.",
        "en": "The report has not been sent yet: press a button below this message.",
    },
    "told_read": {
        "ru": "Обращение {receipt}: фото прочитаны, адресов найдено: {addresses}.",
        "kk": "{receipt} өтініші: фотолар оқылды, табылған мекенжайлар: {addresses}.",
        "en": "Report {receipt}: the photos were read, addresses found: {addresses}.",
    },
    "told_known": {
        "ru": "Обращение {receipt}: из найденных адресов уже были известны: {known}. Новая стена всё равно помогает.",
        "kk": "{receipt} өтініші: табылған мекенжайлардың бұрыннан белгілісі: {known}. Жаңа қабырға бәрібір"
        " көмектеседі.",
        "en": "Report {receipt}: of the addresses found these many were known already: {known}. A new wall helps all"
        " the same.",
    },
    "told_painted": {
        "ru": "Обращение {receipt}: надпись закрашена. Спасибо!",
        "kk": "{receipt} өтініші: жазу сырланды. Рақмет!",
        "en": "Report {receipt}: the writing was painted over. Thank you!",
    },
}

BUTTONS: dict[str, Said] = {
    "yes": {"ru": "Отправить", "kk": "Жіберу", "en": "Send"},
    "place": {"ru": "Другое место", "kk": "Басқа орын", "en": "Another place"},
    "menu": {"ru": "Ещё…", "kk": "Тағы…", "en": "More…"},
    "more": {"ru": "Добавить фото", "kk": "Фото қосу", "en": "Add a photo"},
    "cancel": {"ru": "Отменить", "kk": "Бас тарту", "en": "Cancel"},
    "language": {"ru": "Язык / Тіл", "kk": "Тіл / Язык", "en": "Language"},
    "tell": {"ru": "Сообщать мне", "kk": "Маған хабарлаңыз", "en": "Tell me of it"},
    "forget": {"ru": "Забыть меня", "kk": "Мені ұмыту", "en": "Forget me"},
}

COMMANDS: dict[str, frozenset[str]] = {
    "hello": frozenset({"/start", "/help", "start", "help", "помощь", "көмек", "начать"}),
    "lang:ru": frozenset({"/ru", "русский", "по-русски", "орысша", "russian"}),
    "lang:kk": frozenset({"/kk", "/kz", "қазақша", "казахский", "казакша", "қазақ тілі", "kazakh"}),
    "lang:en": frozenset({"/en", "english", "английский", "ағылшынша"}),
    "language": frozenset({"/language", "/lang", "язык", "тіл", "language"}),
    "forget": frozenset({"/stop", "/forget", "stop", "стоп", "забудь меня", "забыть меня", "мені ұмыт", "forget me"}),
    "cancel": frozenset({"/cancel", "отмена", "отменить", "бас тарту", "cancel"}),
    "yes": frozenset({"/send", "отправить", "подтверждаю", "да", "жіберу", "иә", "yes", "send"}),
    "tell": frozenset({"/tell", "сообщать мне", "маған хабарлаңыз", "tell me"}),
}
"""Whole messages that mean what a button means; on channels without buttons they are the only way."""


def said(name: str, language: str, **facts: object) -> str:
    """A sentence of ours."""
    return WORDS[name][language].format_map(facts)


def label(name: str, language: str) -> str:
    """What stands on a button."""
    return BUTTONS[name][language]


def command_in(text: str) -> str | None:
    """What a message asks for by being one of our words; None for any other text."""
    word = " ".join(text.casefold().strip().rstrip(".!").split())
    if word.startswith("/"):
        word = word.partition(" ")[0].partition("@")[0]  # in Telegram /start may have a payload, and the bot's name
    return next((command for command, words in COMMANDS.items() if word in words), None)


def language_of(known: str | None, hint: str | None, spoken: Collection[str]) -> str:
    """The language that somebody chose, else the one of their program if it is ours, else Russian."""
    mine = (known, (hint or "").casefold().replace("_", "-").partition("-")[0], *LANGUAGES)
    return next((str(each) for each in mine if each in LANGUAGES and each in spoken), next(iter(LANGUAGES)))
