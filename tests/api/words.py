"""What the tests of the API have in common."""

PASSWORD = "correct horse staple"


def refused(answer, status, code):
    """Assert that an answer is this problem; its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:wallwatch:problem:{code}")
    assert body["detail"].endswith((".", "?", "`.")), body
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    return body
