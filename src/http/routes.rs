//! What answers where no operation does: 405 with `Allow` where the path is known, else 404.
