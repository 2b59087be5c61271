"""Where photos are kept: one small interface over a local folder or an S3-compatible bucket."""

from participate.photos.storage.bucket import S3Store
from participate.photos.storage.folder import LocalStore
from participate.photos.storage.opening import open_store
from participate.photos.storage.store import MediaStore, StoreAway, Stored, is_original, original_key

__all__ = ["LocalStore", "MediaStore", "S3Store", "StoreAway", "Stored", "is_original", "open_store", "original_key"]
