"""Conditional writes for Swift's s3api, which answers 501 to them although Swift itself knows If-None-Match: *.

Two filters for the proxy's pipeline. `let_through`, before s3api, takes s3api's refusal away: the header then reaches the object server, and
its 412 comes back. `if_match`, behind s3api, does what Swift does not: PUT with If-Match looks at the object's ETag first. That is not
atomic, which is enough where one client writes."""

from swift.common.middleware.s3api.s3request import S3Request
from swift.common.swob import Request, Response

CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")


def let_through(_global, **_local):
    validate = S3Request._validate_headers

    def validate_without_conditions(self):
        held = {name: self.environ.pop(name) for name in CONDITIONS if name in self.environ}
        try:
            return validate(self)
        finally:
            self.environ.update(held)

    S3Request._validate_headers = validate_without_conditions
    return lambda app: app


def if_match(_global, **_local):
    def wrap(app):
        def checked(environ, start_response):
            wanted = environ.get("HTTP_IF_MATCH")
            if environ["REQUEST_METHOD"] != "PUT" or not wanted:
                return app(environ, start_response)
            head = Request.blank(environ["PATH_INFO"], environ={**environ, "REQUEST_METHOD": "HEAD", "CONTENT_LENGTH": "0"})
            del head.environ["HTTP_IF_MATCH"]
            there = head.get_response(app)
            if there.status_int == 404 or there.headers.get("Etag", "").strip('"') != wanted.strip('"'):
                return Response(status=404 if there.status_int == 404 else 412)(environ, start_response)
            return app({name: value for name, value in environ.items() if name != "HTTP_IF_MATCH"}, start_response)

        return checked

    return wrap
