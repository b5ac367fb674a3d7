// List users with a JSON Web Token that this program creates.
//
// Install: Go 1.21 or later; go mod init list-users; go mod tidy
// Set:     ZOOM_API_KEY and ZOOM_API_SECRET
// Run:     go run list-users.go
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

	apiKey := credential("ZOOM_API_KEY")
	apiSecret := credential("ZOOM_API_SECRET")

	now := time.Now().Unix()
	claims := jwt.MapClaims{
		"iss": apiKey,
		"iat": now,
		"exp": now + 3600,
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token, err := unsigned.SignedString([]byte(apiSecret))
	if err != nil {
		log.Fatal(err)
	}

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
