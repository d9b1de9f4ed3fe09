"""The pages a person sees."""

from werkzeug.wrappers import Request, Response

from connector.moodle.standin.site import Site


def serve_page(site: Site, request: Request) -> Response:
    return Response("not yet", 404)
