"""Tink's own library as the oracle: keysets made by hand, because its templates offer no 64 KiB segments."""

import io

import tink
from tink import hybrid, proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, hpke_pb2, tink_pb2

streaming_aead.register()
hybrid.register()


def primitive(secret: bytes) -> streaming_aead.StreamingAead:
    """Tink's AES256_GCM_HKDF with segments of 64 KiB under this key."""
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(key_value=secret)
    key.params.ciphertext_segment_size = 65536
    key.params.derived_key_size = 32
    key.params.hkdf_hash_type = common_pb2.SHA256
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"
    entry.key_data.value = key.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


class _Kept(io.BytesIO):
    """Tink closes what it writes to; the bytes are kept."""

    kept = b""

    def close(self) -> None:
        if not self.closed:
            self.kept = self.getvalue()
        super().close()


def seal(secret: bytes, associated: bytes, data: bytes) -> bytes:
    """The file as Tink writes it."""
    target = _Kept()
    with primitive(secret).new_encrypting_stream(target, associated) as stream:
        stream.write(data)
    return target.kept


def opens(secret: bytes, associated: bytes, sealed: bytes) -> bytes | None:
    """What Tink reads from the file; None if it refuses."""
    try:
        with primitive(secret).new_decrypting_stream(io.BytesIO(sealed), associated) as stream:
            return stream.read()
    except (tink.TinkError, OSError, ValueError, EOFError):
        return None


def unsealed(private: bytes, public: bytes, info: bytes, sealed: bytes) -> bytes | None:
    """What Tink's HPKE (X25519, HKDF-SHA256, AES-256-GCM) opens with a private key; None if it refuses."""
    params = hpke_pb2.HpkeParams(
        kem=hpke_pb2.DHKEM_X25519_HKDF_SHA256, kdf=hpke_pb2.HKDF_SHA256, aead=hpke_pb2.AES_256_GCM
    )
    key = hpke_pb2.HpkePrivateKey(private_key=private)
    key.public_key.CopyFrom(hpke_pb2.HpkePublicKey(params=params, public_key=public))
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url = "type.googleapis.com/google.crypto.tink.HpkePrivateKey"
    entry.key_data.value = key.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.ASYMMETRIC_PRIVATE
    handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    try:
        return handle.primitive(hybrid.HybridDecrypt).decrypt(sealed, info)
    except tink.TinkError:
        return None
