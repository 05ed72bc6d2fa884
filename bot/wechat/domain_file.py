"""The file by which WeChat sees that a domain is the operator's."""

from aiohttp import web


def domain_file(name: str) -> list[web.RouteDef]:
    """The route of ``MP_verify_….txt``; none without a name."""

    async def shown(_: web.Request) -> web.Response:
        return web.Response(text=content_of(name))

    return [web.get(f"/{name}", shown)] if name else []


def content_of(name: str) -> str:
    """What WeChat wants to read there: the part of the name that differs."""
    return name.removeprefix("MP_verify_").removesuffix(".txt")
