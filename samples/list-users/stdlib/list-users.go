// List users with a JSON Web Token that this program creates.
//
// Install: nothing beyond Go 1.19 or later
// Set:     ZOOM_API_KEY and ZOOM_API_SECRET
// Run:     go run list-users.go
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

	apiKey := credential("ZOOM_API_KEY")
	apiSecret := credential("ZOOM_API_SECRET")

	now := time.Now().Unix()
	header := map[string]any{"alg": "HS256", "typ": "JWT"}
	claims := map[string]any{
		"iss": apiKey,
		"iat": now,
		"exp": now + 3600,
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
	mac := hmac.New(sha256.New, []byte(apiSecret))
	mac.Write([]byte(signingInput))
	signature := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	token := signingInput + "." + signature

	request, err := http.NewRequest("GET", "https://api.zoom.us/v2/users?status=active", nil)
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
