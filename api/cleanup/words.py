"""What condo chats are told, in the language of their contact: ru, kk or en."""

from __future__ import annotations

from collections.abc import Mapping

from api.languages.language import LANGUAGES

Said = Mapping[str, str]

TEXTS: Mapping[str, Said] = {
    "ask": {
        "ru": "Заявка № {number}: просим закрасить надпись на стене.",
        "kk": "№ {number} өтінім: қабырғадағы жазуды бояп тастауды сұраймыз.",
        "en": "Work order No. {number}: please paint over the writing on the wall.",
    },
    "ask_again": {
        "ru": "Заявка № {number}: надпись появилась снова, просим закрасить её ещё раз.",
        "kk": "№ {number} өтінім: жазу қайта пайда болды, тағы бір рет бояп тастауды сұраймыз.",
        "en": "Work order No. {number}: the writing is back, please paint over it once more.",
    },
    "place": {"ru": "Место: {place}", "kk": "Орны: {place}", "en": "Place: {place}"},
    "map": {"ru": "Карта: {link}", "kk": "Карта: {link}", "en": "Map: {link}"},
    "note": {"ru": "Примечание: {note}", "kk": "Ескертпе: {note}", "en": "Note: {note}"},
    "due": {"ru": "Срок: до {day}", "kk": "Мерзімі: {day} дейін", "en": "Please do it by {day}"},
    "answer_here": {
        "ru": "Ответить и прислать фото: {link}",
        "kk": "Жауап беру және фото жіберу: {link}",
        "en": "Answer and send a photo: {link}",
    },
    "blurred": {
        "ru": "Адрес на фото размыт намеренно. Пожалуйста, не пересылайте его никому.",
        "kk": "Суреттегі мекенжай әдейі бұлыңғырланған. Оны ешкімге жібермеуіңізді сұраймыз.",
        "en": "The address on the photo is blurred on purpose. Please pass it on to nobody.",
    },
    "wait": {
        "ru": "Заявка № {number}: пожалуйста, пока не закрашивайте эту надпись. Мы сообщим, когда будет можно.",
        "kk": "№ {number} өтінім: бұл жазуды әзірге боямай тұра тұрыңызшы. Қашан болатынын хабарлаймыз.",
        "en": "Work order No. {number}: please do not paint over this writing yet. We will tell you when you may.",
    },
    "go_on": {
        "ru": "Заявка № {number}: теперь надпись можно закрасить. Спасибо, что подождали.",
        "kk": "№ {number} өтінім: енді жазуды бояуға болады. Күткеніңізге рахмет.",
        "en": "Work order No. {number}: the writing may be painted over now. Thank you for waiting.",
    },
    "remind": {
        "ru": "Напоминаем: заявка № {number} ещё не выполнена. Если надпись уже закрашена, пришлите фото стены.",
        "kk": "Еске саламыз: № {number} өтінім әлі орындалған жоқ. Жазу боялған болса, қабырғаның фотосын жіберіңіз.",
        "en": "A reminder: work order No. {number} is not done yet. If it is painted over, please send a photo.",
    },
    "accepted": {
        "ru": "Заявка № {number} принята, спасибо. Когда закрасите, нажмите «Закрашено» и пришлите фото стены.",
        "kk": "№ {number} өтінім қабылданды, рахмет. Бояған соң «Боялды» түймесін басып, қабырғаның фотосын жіберіңіз.",
        "en": "Work order No. {number} is accepted, thank you. When it is done, press “Painted over” and send a photo.",
    },
    "photo_please": {
        "ru": "Заявка № {number}: пришлите сюда фото закрашенной стены, снятое с того же места.",
        "kk": "№ {number} өтінім: боялған қабырғаның сол жерден түсірілген фотосын осында жіберіңіз.",
        "en": "Work order No. {number}: please send a photo of the painted wall here, taken from the same place.",
    },
    "photo_thanks": {
        "ru": "Заявка № {number}: фото получено, спасибо. Мы сравним его с прежним.",
        "kk": "№ {number} өтінім: фото алынды, рахмет. Оны бұрынғысымен салыстырамыз.",
        "en": "Work order No. {number}: the photo is here, thank you. It will be compared with the earlier one.",
    },
    "verified": {
        "ru": "Заявка № {number} выполнена: надпись закрашена. Спасибо!",
        "kk": "№ {number} өтінім орындалды: жазу боялды. Рахмет!",
        "en": "Work order No. {number} is done: the writing is painted over. Thank you!",
    },
    "not_painted": {
        "ru": "Спасибо за фото по заявке № {number}. Похоже, надпись на нём ещё видна. Пожалуйста, закрасьте её"
        " полностью и пришлите новое фото с того же места.",
        "kk": "№ {number} өтінім бойынша фотоңызға рахмет. Онда жазу әлі көрініп тұрған сияқты. Оны толық бояп, сол"
        " жерден жаңа фото жіберіңізші.",
        "en": "Thank you for the photo of work order No. {number}. It seems that the writing can still be seen. Please"
        " paint over all of it and send a new photo from the same place.",
    },
    "not_ours": {
        "ru": "Спасибо, что сообщили: заявка № {number} с вас снята.",
        "kk": "Хабарлағаныңызға рахмет: № {number} өтінім сізден алынды.",
        "en": "Thank you for telling us: work order No. {number} is no longer yours.",
    },
    "cancelled": {
        "ru": "Заявка № {number} отозвана: делать ничего не нужно.",
        "kk": "№ {number} өтінім кері қайтарылды: ештеңе істеудің қажеті жоқ.",
        "en": "Work order No. {number} is withdrawn: nothing needs to be done.",
    },
    "standing": {
        "ru": "Заявка № {number} сейчас: {state}. Эта кнопка ничего не изменила.",
        "kk": "№ {number} өтінім қазір: {state}. Бұл түйме ештеңені өзгертпеді.",
        "en": "Work order No. {number} is {state} now. This button has changed nothing.",
    },
    "foreign": {
        "ru": "Эта заявка адресована другому чату, здесь её отметить нельзя.",
        "kk": "Бұл өтінім басқа чатқа жіберілген, оны осында белгілеуге болмайды.",
        "en": "This work order went to another chat: it cannot be answered here.",
    },
    "bound": {
        "ru": "Чат привязан: «{territory}». Сюда будут приходить заявки на закраску.",
        "kk": "Чат байланыстырылды: «{territory}». Бояу туралы өтінімдер осында келеді.",
        "en": "This chat is bound now: “{territory}”. Work orders will come here.",
    },
    "code_unknown": {
        "ru": "Этот код не подошёл: проверьте его или попросите новый.",
        "kk": "Бұл код сәйкес келмеді: оны тексеріңіз немесе жаңасын сұраңыз.",
        "en": "This code does not fit: check it, or ask for a new one.",
    },
}

BUTTONS: Mapping[str, Said] = {
    "accept": {"ru": "Принять", "kk": "Қабылдау", "en": "Accept"},
    "painted": {"ru": "Закрашено", "kk": "Боялды", "en": "Painted over"},
    "not_ours": {"ru": "Не наша территория", "kk": "Біздің аумақ емес", "en": "Not ours"},
}
"""At most 20 characters each: what messengers show."""

STATES: Mapping[str, Said] = {
    "open": {"ru": "открыта", "kk": "ашық", "en": "open"},
    "sent": {"ru": "отправлена", "kk": "жіберілді", "en": "sent"},
    "accepted": {"ru": "принята", "kk": "қабылданды", "en": "accepted"},
    "painted": {"ru": "фото на проверке", "kk": "фотосы тексерілуде", "en": "being checked"},
    "verified": {"ru": "выполнена", "kk": "орындалды", "en": "done"},
    "closed": {"ru": "закрыта", "kk": "жабылды", "en": "closed"},
}


def text(name: str, language: str, **facts: object) -> str:
    """A sentence in a language; Russian for one that we do not speak."""
    return _in(TEXTS[name], language).format(**facts)


def button(name: str, language: str) -> str:
    """What a button says."""
    return _in(BUTTONS[name], language)


def state(name: str, language: str) -> str:
    """What a chat calls a state of a work order."""
    return _in(STATES[name], language)


def _in(said: Said, language: str) -> str:
    return said[language if language in LANGUAGES else next(iter(LANGUAGES))]
