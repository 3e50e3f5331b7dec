package reftest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheProxyPassesWhatIsForOutside: nginx's example in docs/OPERATIONS.md passes each
// path that is answered at both addresses, and none that is answered inside alone.
func TestTheProxyPassesWhatIsForOutside(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(Path(t)), "OPERATIONS.md"))
	if err != nil {
		t.Fatal(err)
	}
	passes := locations(string(text))
	if len(passes) < 10 {
		t.Fatalf("%d locations", len(passes))
	}
	place := regexp.MustCompile(`\{[^}]*\}`)
	for _, row := range Rows(t, "### Where each path is answered") {
		pattern := strings.TrimPrefix(Code(row[0])[0], "GET ")
		path := place.ReplaceAllString(strings.TrimSuffix(pattern, "{$}"), "x")
		switch {
		case pattern == "/": // what is nowhere
			continue
		case pattern == "/api/":
			path = "/api/v1/tickets"
		case strings.HasSuffix(path, "/") && path != "/":
			path += "x"
		}
		passed := false
		for _, fits := range passes {
			passed = passed || fits(path)
		}
		if outside := !strings.HasPrefix(row[2], "`"); passed != outside {
			t.Errorf("%s is passed: %v; it is for outside: %v", pattern, passed, outside)
		}
	}
}

// locations are those that pass something on.
func locations(text string) (fits []func(path string) bool) {
	for _, m := range regexp.MustCompile(`(?m)^ +location (= |~ )?(\S+) +\{ proxy_pass`).FindAllStringSubmatch(text, -1) {
		switch at := m[2]; m[1] {
		case "= ":
			fits = append(fits, func(path string) bool { return path == at })
		case "~ ":
			fits = append(fits, regexp.MustCompile(at).MatchString)
		default:
			fits = append(fits, func(path string) bool { return strings.HasPrefix(path, at) })
		}
	}
	return fits
}
