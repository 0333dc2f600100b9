"""The API's description in a real browser, from this server alone."""


def test_the_description_of_the_api_is_drawn(visit):
    page = visit()
    page.goto("/docs")
    page.locator(".opblock-summary-path").nth(5).wait_for()  # further ones are drawn as they come into view
    assert page.title() == "WallWatch API"
    assert "/v1/reports/place" in page.locator(".opblock-summary-path").all_text_contents()
