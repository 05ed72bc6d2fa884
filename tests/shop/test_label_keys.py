"""The studio's own chain: what `keys` makes, how it is replaced, what is refused."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pipeline.decoding.label_reader import read_label
from shop.adapters.c2pa_signer import C2paSigner
from shop.labels.authority import (
    CHAIN,
    KEY,
    LEAF_LIFE,
    ROOT,
    ROOT_KEY,
    TRUST,
    KeysRefused,
    fingerprint,
    is_authority,
    issue,
)
from shop.labels.keys import ROTATE_AFTER, KeysUnusable, LabelKeys, TrustList, load_keys, load_trust
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.labels.verification import LabelVerdict, judge
from tests.labels import PRODUCER, painted

NOW = datetime.now(UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


async def signed_with(folder: Path, number: int = 1) -> bytes:
    signer = C2paSigner(load_keys(folder, NOW), PRODUCER)
    return await signer.sign(UnsignedPicture(painted(number), PictureKind.PORTRAIT))


def verdict(file: bytes, trust: TrustList) -> LabelVerdict:
    return judge(read_label(file, trust.anchors), trust, PRODUCER).verdict


async def test_a_rotation_replaces_the_key_and_keeps_what_it_signed(keys: Path, root: Path) -> None:
    assert issue(keys, root, "Eider", NOW).new_root
    old_key, old_file = (keys / KEY).read_bytes(), await signed_with(keys)
    assert not issue(keys, root, "Eider", NOW).new_root
    assert old_key not in (keys / KEY).read_bytes()
    assert [path.name for path in keys.iterdir() if old_key in path.read_bytes()] == []
    trust = load_trust(keys)
    assert len(trust.certificates) == 2
    assert trust.anchors.count("BEGIN CERTIFICATE") == 1
    for file in (old_file, await signed_with(keys)):
        assert verdict(file, trust) is LabelVerdict.OURS


async def test_a_new_root_keeps_the_old_one_s_pictures(keys: Path, tmp_path: Path) -> None:
    issue(keys, tmp_path / "one", "Eider", NOW)
    old = await signed_with(keys)
    with pytest.raises(KeysRefused, match="bring that root"):
        issue(keys, tmp_path / "two", "Eider", NOW)
    assert issue(keys, tmp_path / "two", "Eider", NOW, new_root=True).new_root
    trust = load_trust(keys)
    assert trust.anchors.count("BEGIN CERTIFICATE") == 2
    for file in (old, await signed_with(keys)):
        assert verdict(file, trust) is LabelVerdict.OURS


async def test_a_root_that_is_taken_off_the_list_takes_its_pictures_along(
    keys: Path, tmp_path: Path
) -> None:
    issue(keys, tmp_path / "one", "Eider", NOW)
    old = await signed_with(keys)
    issue(keys, tmp_path / "two", "Eider", NOW, new_root=True)
    gone = (tmp_path / "one" / ROOT).read_bytes()
    (keys / TRUST).write_bytes((keys / TRUST).read_bytes().replace(gone, b""))
    trust = load_trust(keys)
    assert verdict(old, trust) is LabelVerdict.CLAIMED
    assert verdict(await signed_with(keys), trust) is LabelVerdict.OURS


async def test_a_certificate_that_is_taken_off_the_list_proves_nothing_any_more(
    keys: Path, root: Path
) -> None:
    """Its key is known to others, say. Its root alone vouches for nobody."""
    issue(keys, root, "Eider", NOW)
    leaked = await signed_with(keys)
    issue(keys, root, "Eider", NOW)
    listed = x509.load_pem_x509_certificates((keys / TRUST).read_bytes())
    oldest = next(one for one in listed if not is_authority(one))
    trust = load_trust(keys)
    without = TrustList(trust.anchors, trust.certificates - {fingerprint(oldest)})
    assert verdict(leaked, without) is LabelVerdict.CLAIMED
    assert verdict(await signed_with(keys), without) is LabelVerdict.OURS


def with_serial_of(listed: x509.Certificate, root: Path) -> LabelKeys:
    """A key of somebody else's, with a certificate by a known root that copies a listed one."""
    key = ec.generate_private_key(ec.SECP256R1())
    above = x509.load_pem_x509_certificate((root / ROOT).read_bytes())
    above_key = load_pem_private_key((root / ROOT_KEY).read_bytes(), None)
    assert isinstance(above_key, ec.EllipticCurvePrivateKey)
    copy = x509.CertificateBuilder(
        above.subject, listed.subject, key.public_key(), listed.serial_number,
        listed.not_valid_before_utc, listed.not_valid_after_utc,
    )  # fmt: skip
    for one in listed.extensions:
        copy = copy.add_extension(one.value, one.critical)
    chain = (copy.sign(above_key, hashes.SHA256()), above)
    return LabelKeys(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        b"".join(one.public_bytes(Encoding.PEM) for one in chain),
        TrustList(), NOW, NOW,
    )  # fmt: skip


async def test_whoever_knows_a_root_can_sign_nothing_that_is_ours(
    keys: Path, tmp_path: Path
) -> None:
    """Serial numbers are public: every file has one. Before the root is replaced, and after."""
    known, new = tmp_path / "known", tmp_path / "new"
    issue(keys, known, "Eider", NOW)
    issue(keys, new, "Eider", NOW, new_root=True)
    trust = load_trust(keys)
    picture = UnsignedPicture(painted(), PictureKind.PORTRAIT)
    listed = x509.load_pem_x509_certificates((keys / TRUST).read_bytes())
    for one in listed:
        if not is_authority(one):
            forged = await C2paSigner(with_serial_of(one, known), PRODUCER).sign(picture)
            found = read_label(forged, trust.anchors).credentials
            assert found is not None
            assert found.signed
            assert verdict(forged, trust) is LabelVerdict.CLAIMED


def test_the_secrets_are_their_owner_s_and_lie_apart(keys: Path, root: Path) -> None:
    issue(keys, root, "Eider", NOW)
    for path in (keys / KEY, root / ROOT_KEY):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {path.name for path in keys.iterdir()} == {KEY, CHAIN, ROOT, TRUST}
    assert {path.name for path in root.iterdir()} == {ROOT_KEY, ROOT}
    private = [path.name for path in keys.iterdir() if b"PRIVATE" in path.read_bytes()]
    assert private == [KEY]
    assert (keys / ROOT).read_bytes() == (root / ROOT).read_bytes()


def test_what_is_refused_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    keys, root = tmp_path / "keys", tmp_path / "root"
    for folder, apart, name in (
        (keys, keys, "Eider"),
        (keys, keys / "root", "Eider"),
        (root / "keys", root, "Eider"),
        (keys, root, ""),
        (keys, root, "x" * 65),
        (keys, root, "Ei\nder"),
    ):
        with pytest.raises(KeysRefused):
            issue(folder, apart, name, NOW)
    assert list(tmp_path.iterdir()) == []
    issue(keys, root, "Eider", NOW)
    with pytest.raises(KeysRefused, match="has a root"):
        issue(keys, root, "Eider", NOW, new_root=True)
    (root / ROOT).write_bytes((keys / CHAIN).read_bytes())
    with pytest.raises(KeysRefused, match="is not the key"):
        issue(keys, root, "Eider", NOW)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda keys: (keys / KEY).unlink(), "No such file"),
        (lambda keys: (keys / KEY).write_bytes(b"no key"), "is no key"),
        (lambda keys: (keys / KEY).chmod(0o640), "may be read by others"),
        (lambda keys: keys.chmod(0o770), "may be written by others"),
        (lambda keys: keys.chmod(0o1777), "may be written by others"),
        (lambda keys: (keys / TRUST).chmod(0o664), "may be written by others"),
        (lambda keys: (keys / TRUST).unlink(), "No such file"),
        (lambda keys: (keys / TRUST).write_bytes(b"nothing"), "is no list"),
        (lambda keys: (keys / TRUST).write_bytes((keys / ROOT).read_bytes()), "does not list"),
    ],
)
def test_a_folder_that_cannot_be_signed_with_says_why(keys, root, spoil, said) -> None:
    issue(keys, root, "Eider", NOW)
    spoil(keys)
    with pytest.raises(KeysUnusable, match=said):
        load_keys(keys, NOW)


@pytest.mark.parametrize("which", ["keys", "root", "keys/trust.pem"])
def test_no_key_is_made_where_others_may_write(tmp_path: Path, which: str) -> None:
    """They could lay a certificate of their own there; or take the key's place."""
    keys, root = tmp_path / "keys", tmp_path / "root"
    issue(keys, root, "Eider", NOW)
    before = (keys / KEY).read_bytes()
    (tmp_path / which).chmod(0o777)
    with pytest.raises(KeysRefused, match="may be written by others"):
        issue(keys, root, "Eider", NOW)
    assert (keys / KEY).read_bytes() == before


def test_drafts_are_never_what_somebody_laid_there(keys: Path, root: Path, tmp_path: Path) -> None:
    """Links of every name that a draft of this process could be guessed to have."""
    issue(keys, root, "Eider", NOW)
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    laid = [keys / f".{name}{end}" for name in (KEY, CHAIN, ROOT, TRUST)
            for end in (f".{os.getpid()}", ".tmp", ".new", ".draft")]  # fmt: skip
    for link in laid:
        link.symlink_to(target)
    issue(keys, root, "Eider", NOW)
    assert target.read_bytes() == b"theirs"
    assert {path.name for path in keys.iterdir()} == {KEY, CHAIN, ROOT, TRUST} | {
        link.name for link in laid
    }


def test_the_trust_list_says_which_block_is_whose(keys: Path, root: Path) -> None:
    """A block that is taken out with the line above it takes that certificate off, and no other."""
    issue(keys, root, "Eider", NOW)
    issue(keys, root, "Eider", NOW)
    text, trust = (keys / TRUST).read_text("ascii"), load_trust(keys)
    for leaked in trust.certificates:
        blocks = text.split("# ")
        kept = [one for one in blocks if not one.startswith("signing") or leaked not in one]
        (keys / TRUST).write_text("# ".join(kept), "ascii")
        without = load_trust(keys)
        assert without.certificates == trust.certificates - {leaked}
        assert without.anchors == trust.anchors


def test_keys_are_valid_for_as_long_as_their_pictures_and_due_long_before(keys, root) -> None:
    until = issue(keys, root, "Eider", NOW).until
    assert until == NOW + LEAF_LIFE
    loaded = load_keys(keys, NOW)
    assert not loaded.is_due(NOW + ROTATE_AFTER - timedelta(days=1))
    assert loaded.is_due(NOW + ROTATE_AFTER)
    for moment in (NOW - timedelta(days=1), NOW + LEAF_LIFE):
        with pytest.raises(KeysUnusable, match="not valid now"):
            load_keys(keys, moment)


def test_no_secret_is_in_a_repr(keys: Path, root: Path) -> None:
    issue(keys, root, "Eider", NOW)
    loaded = load_keys(keys, NOW)
    for one in (loaded, C2paSigner(loaded, PRODUCER)):
        assert "PRIVATE" not in repr(one)
