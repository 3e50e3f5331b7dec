package mask

import (
	"slices"
	"strings"
	"unicode"
)

// words are those of a name that make what stands under it a secret.
var words = []string{
	"password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "authorization", "credential", "credentials",
	"signature", "cookie", "apikey", "authkey", "accesskey", "secretkey", "privatekey", "routingkey", "servicekey", "jwt",
}

// keyed are the words before "key" with which it is a secret. A group's key or an
// issue's says which one it is, and has to be seen.
var keyed = []string{
	"api", "access", "auth", "secret", "private", "routing", "service", "integration", "genie", "subscription", "shared", "ssh",
	"license", "encryption", "signing", "master", "session", "account", "storage", "app", "application", "user",
}

// Secret reports whether what stands under a name is a secret.
func Secret(name string) bool {
	if len(name) > longestName {
		return false
	}
	of := split(name)
	for i, word := range of {
		if slices.Contains(words, word) {
			return true
		}
		if word == "key" && i == len(of)-1 && (i == 0 || slices.Contains(keyed, of[i-1])) {
			return true
		}
	}
	return false
}

// longestName is how long a name is at most that is looked at.
const longestName = 200

// split are the words of a name in small letters: of apiKey, api_key or api-key "api"
// and "key".
func split(name string) (of []string) {
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			of = append(of, word.String())
			word.Reset()
		}
	}
	small := false // the letter before was a small one
	for _, c := range name {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			end()
			small = false
			continue
		}
		if unicode.IsUpper(c) && small {
			end()
		}
		small = unicode.IsLower(c)
		word.WriteRune(unicode.ToLower(c))
	}
	end()
	return of
}
