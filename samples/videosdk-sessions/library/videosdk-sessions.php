<?php

// List Video SDK sessions with a JSON Web Token that this program creates.
//
// Install: PHP 8.1 or later with the curl extension; composer require firebase/php-jwt
// Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
// Run:     php videosdk-sessions.php

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

$sdkKey = $credential('ZOOM_VIDEO_SDK_KEY');
$sdkSecret = $credential('ZOOM_VIDEO_SDK_SECRET');

if (strlen($sdkSecret) < 32) {
    fwrite(STDERR, "ZOOM_VIDEO_SDK_SECRET: the library needs a secret of at least 32 bytes.\n");
    exit(1);
}
$now = time();
$claims = [
    'iss' => $sdkKey,
    'iat' => $now,
    'exp' => $now + 1800,
];
$token = JWT::encode($claims, $sdkSecret, 'HS256');

$curl = curl_init('https://api.zoom.us/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9');
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
