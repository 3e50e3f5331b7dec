package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// section is a block of a page that configures a source.
var section = regexp.MustCompile("(?s)```yaml\n(sources:\n.*?)```\n")

// TestTheSourcesOfPages: what docs/sources says that a source can be asked, and be told, is
// taken as it stands there.
func TestTheSourcesOfPages(t *testing.T) {
	for page, wanted := range map[string]struct{ recheck, back string }{
		"icinga": {ToolIcinga, "icinga"}, "zabbix": {ToolZabbix, "zabbix"}, "alertmanager": {ToolPrometheus, "alertmanager"},
	} {
		text, err := os.ReadFile(filepath.Join("..", "docs", "sources", page+".md"))
		if err != nil {
			t.Fatal(err)
		}
		asked, told := false, false
		for _, block := range section.FindAllStringSubmatch(string(text), -1) {
			s := ofPage(t, page, block[1])
			asked = asked || s.Recheck != nil && s.Recheck.Kind == wanted.recheck && s.Recheck.URL != ""
			told = told || s.WriteBack != nil && strings.Contains(block[1], wanted.back+": {url:")
		}
		if !asked || !told {
			t.Errorf("%s.md: asked %v, told %v", page, asked, told)
		}
	}
}

// ofPage is the source of a block, beside the example's own.
func ofPage(t *testing.T, page, block string) *Source {
	t.Helper()
	dir := exampleDir(t)
	for _, name := range regexp.MustCompile(`secrets/([\w.-]+)`).FindAllStringSubmatch(block, -1) {
		path := filepath.Join(dir, "secrets", name[1])
		if strings.HasSuffix(name[1], ".pem") {
			text, err := os.ReadFile(certificate(t, saturday.AddDate(1, 0, 0)) + ".crt")
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(text))
		} else {
			write(t, path, "another-secret-of-"+page+"-"+name[1]+"\n")
		}
	}
	source := regexp.MustCompile(`(?m)^  \w+:`).ReplaceAllString(strings.TrimPrefix(block, "sources:\n"), "  of-a-page:")
	text := strings.Replace(string(Example()), "\nsources:\n", "\nsources:\n"+source, 1)
	c, report := Parse("astreinte.yml", []byte(text), dir, Options{Now: saturday})
	if c == nil {
		t.Fatalf("%s.md: %+v\n%s", page, report.Errors, block)
	}
	for i := range c.Sources {
		if c.Sources[i].Name == "of-a-page" {
			return &c.Sources[i]
		}
	}
	t.Fatalf("%s.md configures no source:\n%s", page, block)
	return nil
}
