"""All pages."""

from api.web.pages.account import router as account_router
from api.web.pages.address import router as address_router
from api.web.pages.address_parts import router as address_parts_router
from api.web.pages.admin import router as admin_router
from api.web.pages.admin_jobs import router as admin_jobs_router
from api.web.pages.cases import router as cases_router
from api.web.pages.figures import router as figures_router
from api.web.pages.imports import router as imports_router
from api.web.pages.inbox import router as inbox_router
from api.web.pages.links import router as links_router
from api.web.pages.map import router as map_router
from api.web.pages.orders import router as orders_router
from api.web.pages.reports import router as reports_router
from api.web.pages.review import router as review_router
from api.web.pages.send import router as send_router
from api.web.pages.sign_in import router as sign_in_router
from api.web.pages.statistics import router as statistics_router
from api.web.pages.talk import router as talk_router
from api.web.pages.territories import router as territories_router
from api.web.pages.walls import router as walls_router
from api.web.pages.watchlist import router as watchlist_router

ROUTERS = (
    sign_in_router,
    links_router,
    account_router,
    review_router,
    map_router,
    imports_router,
    statistics_router,
    figures_router,
    address_parts_router,
    walls_router,
    orders_router,
    territories_router,
    talk_router,
    admin_router,
    admin_jobs_router,
    watchlist_router,
    cases_router,
    inbox_router,
    address_router,  # behind every other page below /watchlist: its path takes any name
    send_router,
    reports_router,
)
