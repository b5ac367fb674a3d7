// List Video SDK sessions with a JSON Web Token that this program creates.
//
// Install: nothing beyond Go 1.19 or later
// Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
// Run:     go run videosdk-sessions.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func credential(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("Set the environment variable %s.", name)
	}
	return value
}

func main() {
	log.SetFlags(0)

	sdkKey := credential("ZOOM_VIDEO_SDK_KEY")
	sdkSecret := credential("ZOOM_VIDEO_SDK_SECRET")

	now := time.Now().Unix()
	header := map[string]any{"alg": "HS256", "typ": "JWT"}
	claims := map[string]any{
		"iss": sdkKey,
		"iat": now,
		"exp": now + 1800,
	}
	var parts []string
	for _, part := range []any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			log.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	signingInput := strings.Join(parts, ".")
	mac := hmac.New(sha256.New, []byte(sdkSecret))
	mac.Write([]byte(signingInput))
	signature := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	token := signingInput + "." + signature

	request, err := http.NewRequest("GET", "https://api.zoom.us/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	client := http.Client{
		Timeout: 10 * time.Second,
		// Do not follow redirects: the token must not reach another host.
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	response, err := client.Do(request)
	if err != nil {
		log.Fatalf("No answer from api.zoom.us: %v", err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		log.Fatalf("No answer from api.zoom.us: %v", err)
	}

	if response.StatusCode != 200 {
		log.Fatalf("HTTP %d: %s", response.StatusCode, body)
	}
	fmt.Printf("%s\n", body)
}
