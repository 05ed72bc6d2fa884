"""The file by which WeChat sees that a domain is the operator's."""

from aiohttp import web


def domain_file(name: str) -> list[web.RouteDef]:
    """The route of ``MP_verify_….txt``, whose content is the part of its name that differs; none
    without a name."""

    async def shown(_: web.Request) -> web.Response:
        return web.Response(text=name.removeprefix("MP_verify_").removesuffix(".txt"))

    return [web.get(f"/{name}", shown)] if name else []
