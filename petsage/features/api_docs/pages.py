"""HTML pages: Swagger UI, and how to install it. All links are relative to the page's own path."""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PetSage API</title>
<link rel="icon" type="image/png" sizes="32x32" href="{folder}favicon-32x32.png">
<link rel="stylesheet" href="{folder}swagger-ui.css">
<link rel="stylesheet" href="{folder}petsage-docs.css">
</head>
<body>
<main id="api" data-document="{parent}openapi.json">
<noscript><p>Without JavaScript there is only <a href="{parent}openapi.json">the API document</a>.</p></noscript>
</main>
<script src="{folder}swagger-ui-bundle.js"></script>
<script src="{folder}petsage-docs.js"></script>
</body>
</html>
"""

_INSTALL_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PetSage API</title>
<link rel="icon" href="data:,">
</head>
<body>
<main>
<h1>PetSage API</h1>
<p>The API document is <a href="{parent}openapi.json">openapi.json</a>.</p>
<p>To read it here, and to try the API out, install Swagger UI 5 and restart the server:</p>
<pre><code>pip install 'petsage[docs]'</code></pre>
</main>
</body>
</html>
"""


def render_page(path: str, *, installed: bool) -> str:
    """Return the page for a request of this path, which ends in `docs` or `docs/`."""
    folder, parent = ("", "../") if path.endswith("/") else ("docs/", "")
    return (_PAGE if installed else _INSTALL_PAGE).format(folder=folder, parent=parent)
