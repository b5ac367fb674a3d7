// List Video SDK sessions with a JSON Web Token that this program creates.
//
// Install: Go 1.21 or later; go mod init videosdk-sessions; go mod tidy
// Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
// Run:     go run videosdk-sessions.go
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
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
	claims := jwt.MapClaims{
		"iss": sdkKey,
		"iat": now,
		"exp": now + 1800,
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token, err := unsigned.SignedString([]byte(sdkSecret))
	if err != nil {
		log.Fatal(err)
	}

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
