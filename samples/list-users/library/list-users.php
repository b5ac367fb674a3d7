<?php

// List users with a JSON Web Token that this program creates.
//
// Install: PHP 8.1 or later with the curl extension; composer require firebase/php-jwt
// Set:     ZOOM_API_KEY and ZOOM_API_SECRET
// Run:     php list-users.php

declare(strict_types=1);

use Firebase\JWT\JWT;

require __DIR__ . '/vendor/autoload.php';

if (!extension_loaded('curl')) {
    fwrite(STDERR, "Enable PHP's extension curl.\n");
    exit(1);
}

$credential = function (string $name): string {
    $value = (string) getenv($name);
    if ($value === '') {
        fwrite(STDERR, "Set the environment variable $name.\n");
        exit(1);
    }
    return $value;
};

$apiKey = $credential('ZOOM_API_KEY');
$apiSecret = $credential('ZOOM_API_SECRET');

if (strlen($apiSecret) < 32) {
    fwrite(STDERR, "ZOOM_API_SECRET: the library needs a secret of at least 32 bytes.\n");
    exit(1);
}
$now = time();
$claims = [
    'iss' => $apiKey,
    'iat' => $now,
    'exp' => $now + 3600,
];
$token = JWT::encode($claims, $apiSecret, 'HS256');

$curl = curl_init('https://api.zoom.us/v2/users?status=active');
curl_setopt_array($curl, [
    CURLOPT_HTTPHEADER => [
        "Authorization: Bearer $token",
        'Accept: application/json',
    ],
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 10,
]);
$body = curl_exec($curl);
if ($body === false) {
    fwrite(STDERR, 'No answer from api.zoom.us: ' . curl_error($curl) . "\n");
    exit(1);
}

$status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
if ($status !== 200) {
    fwrite(STDERR, "HTTP $status: $body\n");
    exit(1);
}
echo $body, "\n";
