"""Where static files are found."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which remembers each address: the manifest cannot change while a process runs, and a page asks for
    a score of them."""

    # Our modules import each other by the hash of their content too. Django's own switch for this reads every package's scripts
    # and takes some of their lines for imports.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((r'(?P<matched>from "(?P<url>\./[-a-z]+\.js)";)', 'from "%(url)s";'),)),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._addresses = {}

    def url(self, name, force=False):
        """The address of a file, by the hash of its content."""
        if force:
            return super().url(name, force)
        known = self._addresses.get(name)
        if known is None:
            known = self._addresses[name] = super().url(name)
        return known
