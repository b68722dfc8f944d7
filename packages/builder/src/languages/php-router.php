<?php
// For PHP's own server: files below the document root as they are, everything else through index.php. Names that begin
// with a dot and the folders of the source are nobody's business.
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$root = $_SERVER['DOCUMENT_ROOT'];
if (preg_match('#(^|/)\.|^/(vendor|node_modules)/|^/(composer\.(json|lock)|package\.json|Procfile|artisan)$#', $path)) {
    http_response_code(404);
    echo "Not found\n";
    return true;
}
$file = realpath($root . $path);
if ($file !== false && str_starts_with($file, $root . '/') && is_file($file)) {
    return false;
}
if ($file !== false && is_dir($file) && (is_file("$file/index.php") || is_file("$file/index.html"))) {
    return false;
}
if (!is_file("$root/index.php")) {
    return false;
}
$_SERVER['SCRIPT_NAME'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = "$root/index.php";
require "$root/index.php";
