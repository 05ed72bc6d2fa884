"""The files on Telegram's servers: kept for good under ids, fetched under paths."""

from pathlib import Path

from tests.botapi.records import Failure, Json, refused

DOWNLOAD_BYTES = 20 * 1024 * 1024
_FOLDERS = {
    "photo": ("photos", ".jpg", "AgACAgQA"),
    "video": ("videos", ".mp4", "BAACAgQA"),
    "": ("documents", "", "BQACAgQA"),
}


class Store:
    """``local`` is the folder of a server of one's own: it gives paths instead of downloads,
    however large the file."""

    def __init__(self, local: Path | None) -> None:
        self.local = local
        self.data: dict[str, bytes] = {}
        self.broken = 0
        self._kinds: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._numbers = iter(range(1, 10**9))

    def keep(self, data: bytes, kind: str = "") -> str:
        """The new file's id, as long as real ones. ``kind``: photo, video, "" for a document."""
        number = next(self._numbers)
        folder, ending, mark = _FOLDERS[kind]
        file_id = f"{mark}{number:064x}"
        self.data[file_id] = data
        self._kinds[file_id] = kind
        path = f"{folder}/file_{number}{ending}"
        self._paths[path], self._places[file_id] = file_id, path
        return file_id

    def sent_again(self, file_id: str, kind: str) -> bytes:
        """A kept file's data, for a message of that kind."""
        if "://" in file_id:
            raise refused("failed to get HTTP URL content")
        if file_id not in self.data:
            raise refused(
                "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"
            )
        if self._kinds[file_id] != kind:
            names = {"photo": "Photo", "video": "Video", "": "Document"}
            was, wanted = names[self._kinds[file_id]], names[kind]
            raise refused(f"can't use file of type {was} as {wanted}")
        return self.data[file_id]

    def described(self, file_id: str) -> Json:
        """A File, with the path to fetch it by."""
        data = self.data.get(file_id)
        if data is None:
            raise refused("wrong file_id or the file is temporarily unavailable")
        if self.local is None and len(data) > DOWNLOAD_BYTES:
            raise refused("file is too big")
        path = self._places[file_id]
        return {
            "file_id": file_id,
            "file_unique_id": unique(file_id),
            "file_size": len(data),
            "file_path": path if self.local is None else str(self._written(path, data)),
        }

    def fetched(self, path: str) -> bytes:
        """The file at a path. Raises :class:`Failure`."""
        if self.broken > 0:
            self.broken -= 1
            raise Failure(502, "Bad Gateway")
        data = self.data.get(self._paths.get(path, ""))
        if data is None or self.local is not None:
            raise Failure(404, "Not Found")
        return data

    def _written(self, path: str, data: bytes) -> Path:
        assert self.local is not None
        place = (self.local / path).resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return place


def unique(file_id: str) -> str:
    """A file's id that no bot can fetch it by."""
    return f"AQAD{file_id[-10:]}"
