package ingest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What stands in docs/sources is run here as it stands there, but for the
// address: a page that says what does not work fails a test.

var (
	// shell is a block of a page that a shell runs.
	shell = regexp.MustCompile("(?s)```sh\n(.*?)```\n")
	// ownSource is the source that a page configures.
	ownSource = regexp.MustCompile(`(?m)^ {2}(\w+): \{type: ([\w-]+), token_file: secrets/(\w+)\.token`)
	// opens is what a page says that a line of curl does.
	opens = regexp.MustCompile("^\\s*opens `([^`]+)`, (\\w+)")
)

// documented is a page with a daemon that has its source.
type documented struct {
	text, dir, address string
	taker              *taker
}

func readPage(t *testing.T, name string) *documented {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "sources", name))
	if err != nil {
		t.Fatal(err)
	}
	p := &documented{text: string(text), dir: t.TempDir(), taker: &taker{}}
	own := ownSource.FindStringSubmatch(p.text)
	if own == nil {
		t.Fatalf("%s configures no source", name)
	}
	server := httptest.NewServer(newHandler(p.taker, func(o *Options) {
		o.Sources = []Source{{Name: own[1], Type: own[2], Token: "s3cr3t", MaxBody: DefaultMaxBody}}
	}))
	t.Cleanup(server.Close)
	p.address = server.URL
	p.write(t, "secrets/"+own[3]+".token", "s3cr3t\n")
	p.write(t, "header", "Authorization: Bearer s3cr3t\n")
	return p
}

func (p *documented) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// blocks are the page's blocks for a shell that begin so, each with what stands
// behind it.
func (p *documented) blocks(begin string) (found [][2]string) {
	for _, at := range shell.FindAllStringSubmatchIndex(p.text, -1) {
		if block := p.text[at[2]:at[3]]; strings.HasPrefix(block, begin) {
			found = append(found, [2]string{strings.ReplaceAll(block, "https://YOUR-ADDRESS", p.address), p.text[at[1]:]})
		}
	}
	return found
}

// run runs a script with these variables alone, and returns what the daemon took.
func (p *documented) run(t *testing.T, script string, env []string, args ...string) []ticket.Alert {
	t.Helper()
	p.taker.batches = nil
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{p.write(t, "script", script)}, args...)...)
	cmd.Dir, cmd.Env = p.dir, slices.Concat(env, []string{"PATH=" + os.Getenv("PATH")})
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, said, script)
	}
	var all []ticket.Alert
	for _, b := range p.taker.batches {
		all = append(all, b.Alerts...)
	}
	return all
}

// TestEachPagesCurl: every page has a line of curl, which opens what the page says.
func TestEachPagesCurl(t *testing.T) {
	files, err := filepath.Glob("../docs/sources/*.md")
	if err != nil || len(files) < 15 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		switch name {
		case "README.md", "centreon.md", "cloudwatch.md", "heartbeat.md", "mail.md":
			continue // the index; the page of Nagios; messages that SNS signs; what is posted to no source
		}
		t.Run(name, func(t *testing.T) {
			p := readPage(t, name)
			blocks := p.blocks("curl ")
			if len(blocks) == 0 {
				t.Fatal("there is no line of curl")
			}
			for _, block := range blocks {
				says := opens.FindStringSubmatch(block[1])
				alerts := p.run(t, `curl() { command curl --fail --silent --show-error --output /dev/null "$@"; }`+"\n"+block[0], nil)
				if says == nil || len(alerts) == 0 {
					t.Fatalf("the page says %v; taken is %+v", says, alerts)
				}
				if a := alerts[0]; a.Status != ticket.Firing || a.Title() != says[1] || a.Labels["severity"] != says[2] {
					t.Errorf("%s %q, %s; the page says %q, %s", a.Status, a.Title(), a.Labels["severity"], says[1], says[2])
				}
			}
		})
	}
}

// TestEachPagesScript: the scripts that the tools call do with the tools'
// variables what they should, whatever stands in these.
func TestEachPagesScript(t *testing.T) {
	const output = `"full" & 97 % + é $HOME ; #`
	service := func(prefix string) []string {
		return []string{
			prefix + "HOSTNAME=srv db&01", prefix + "SERVICEDESC=Disk /var", prefix + "SERVICESTATE=CRITICAL", prefix + "SERVICEOUTPUT=" + output, prefix + "HOSTSTATE=UP",
		}
	}
	for _, tt := range []struct {
		page, begin string
		env, args   []string
	}{
		{"checkmk.md", "#!/bin/sh\n# Astreinte\n# The address", append(service("NOTIFY_"),
			"NOTIFY_PARAMETER_1=ADDRESS/ingest/checkmk", "NOTIFY_PARAMETER_2=DIR/header", "NOTIFY_WHAT=SERVICE", "NOTIFY_NOTIFICATIONTYPE=ACKNOWLEDGEMENT", "NOTIFY_NOTIFICATIONAUTHOR=Zoé", "NOTIFY_NOTIFICATIONCOMMENT=on it"), nil},
		{"icinga.md", "#!/bin/sh\nset -- --header", append(service("IC_"),
			"IC_KIND=service", "NOTIFICATIONTYPE=ACKNOWLEDGEMENT", "NOTIFICATIONAUTHORNAME=Zoé", "NOTIFICATIONCOMMENT=on it"), nil},
		{"wazuh.md", "#!/bin/sh", nil, []string{"DIR/alert.json", "s3cr3t", "ADDRESS/ingest/wazuh", "> /dev/null 2>&1"}},
	} {
		t.Run(tt.page, func(t *testing.T) {
			p := readPage(t, tt.page)
			p.write(t, "alert.json", `{"timestamp":"2026-11-21T17:04:01.123+0000","rule":{"level":15,"description":"Disk /var","id":"5712"},"agent":{"id":"003","name":"srv db&01"},"full_log":"\"full\" & 97 % + é $HOME ; #"}`)
			here := strings.NewReplacer("ADDRESS", p.address, "DIR", p.dir, "/etc/icinga2/astreinte.header", filepath.Join(p.dir, "header"))
			for i := range tt.env {
				tt.env[i] = here.Replace(tt.env[i])
			}
			for i := range tt.args {
				tt.args[i] = here.Replace(tt.args[i])
			}
			blocks := p.blocks(tt.begin)
			if len(blocks) != 1 {
				t.Fatalf("%d such scripts", len(blocks))
			}
			alerts := p.run(t, here.Replace(blocks[0][0]), tt.env, tt.args...)
			if len(alerts) != 1 || alerts[0].Title() != "srv db&01 Disk /var" || alerts[0].Labels["severity"] != "critical" {
				t.Fatalf("%+v", alerts)
			}
			a := alerts[0]
			if a.Annotations["summary"] != output && a.Annotations["description"] != output {
				t.Errorf("the output is %+v", a.Annotations)
			}
			if tt.args == nil && (a.Remark == nil || a.Remark.By != "Zoé" || a.Remark.Text != "on it" || a.Remark.Kind != ticket.RemarkTaken) {
				t.Errorf("%+v", a.Remark)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		p := readPage(t, "wazuh.md")
		cmd := exec.CommandContext(t.Context(), "sh", p.write(t, "script", p.blocks("#!/bin/sh")[0][0]), p.write(t, "alert.json", "{}"), "wrong", p.address+"/ingest/wazuh")
		if err := cmd.Run(); err == nil {
			t.Error("a script that was refused does not say so")
		}
	})
}

// quoted is a text as Python's quote has it in a URL.
func quoted(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// TestHealthchecksPlaceholders: Healthchecks fills the page's URL with values
// that it encodes, and the page's body with texts in JSON.
func TestHealthchecksPlaceholders(t *testing.T) {
	p := readPage(t, "healthchecks.md")
	const name, output = `Sauvegarde "nuit" & Cie`, "exit 1\n\"disk full\""
	inURL := strings.NewReplacer("$CODE", "2f1c0de0-0000-4000-8000-000000000001", "$STATUS", "down", "$NAME", quoted(name), "$TAGS", quoted("customer=acme prod"),
		"$NOW", quoted("2026-11-21T17:04:01+00:00"), "https://YOUR-ADDRESS", p.address)
	inBody := strings.NewReplacer("$CODE", "2f1c0de0-0000-4000-8000-000000000001", "$STATUS", "down", "$NAME_JSON", `"Sauvegarde \"nuit\" & Cie"`, "$TAGS", "customer=acme prod",
		"$NOW", "2026-11-21T17:04:01+00:00", "$BODY_JSON", `"exit 1\n\"disk full\""`)
	address := regexp.MustCompile("`(https://YOUR-ADDRESS/ingest/checks\\?[^`]*)`").FindStringSubmatch(p.text)
	body := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(p.text)
	if address == nil || body == nil {
		t.Fatal("the page has no such URL, or no such body")
	}
	for _, way := range []struct{ to, body string }{{inURL.Replace(address[1]), ""}, {p.address + "/ingest/checks", inBody.Replace(body[1])}} {
		p.taker.batches = nil
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, way.to, strings.NewReader(way.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer s3cr3t")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if len(p.taker.batches) != 1 {
			t.Fatalf("%s: %s", way.to, resp.Status)
		}
		a := p.taker.batches[0].Alerts[0]
		if a.Title() != name || a.Labels["customer"] != "acme" || a.Fingerprint != "2f1c0de0-0000-4000-8000-000000000001" || a.StartsAt.IsZero() || way.body != "" && a.Annotations["output"] != output {
			t.Errorf("%+v", a)
		}
	}
}
