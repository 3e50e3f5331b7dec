package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// doubtful is the desk with pieces of it replaced.
func doubtful(t *testing.T, pairs ...string) string {
	t.Helper()
	text := desk
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in the desk", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// TestAddressesThatAreDoubted: check warns of addresses on another host
// without TLS, and of proxies that may be anybody.
func TestAddressesThatAreDoubted(t *testing.T) {
	const (
		public  = `"https://astreinte.example.net"`
		account = `account_sid: AC1`
		plain   = "http to another host: "
		open    = "store: a store on another host without TLS: "
		world   = "server.trusted_proxies[0]: the whole world: "
	)
	store := func(url string) []string { return []string{"calendars:\n", "store: '" + url + "'\ncalendars:\n"} }
	proxies := func(list string) []string { return []string{public, public + ", trusted_proxies: [" + list + "]"} }
	for _, tt := range []struct {
		name  string
		pairs []string
		want  []string
	}{
		{"a public address", []string{public, "http://astreinte.example.net"}, []string{"server.public_url: " + plain}},
		{"in capitals", []string{public, "HTTP://10.0.0.1:8080"}, []string{"server.public_url: " + plain}},
		{"this machine", []string{public, "http://127.0.0.1:8080"}, nil},
		{"this machine by name", []string{public, "http://localhost"}, nil},
		{"this machine, IPv6", []string{public, "'http://[::1]:8080'"}, nil},
		{"a name that begins like it", []string{public, "http://localhost.example.net"}, []string{"server.public_url: " + plain}},
		{"Twilio", []string{account, account + ", base_url: http://twilio.example.net/x"}, []string{"sms.twilio.base_url: " + plain}},
		{"Twilio here", []string{account, account + ", base_url: http://127.1.2.3:4010"}, nil},
		{"the fallback", []string{`from: "+33612345699"}}`, `from: "+33612345699"}, fallback: {provider: http, http: {id: .id, request: {url: http://sms.example.net/send, body: "{{.To}} {{.Text}}"}, receipts: {auth: {networks: [127.0.0.1]}, id: .id, state: .state}}}}`}, []string{"sms.fallback.http.request.url: " + plain}},
		{"pushes", []string{"sms:", "push: {fcm: {credentials: '{}', endpoint: http://fcm.example.net}}\nsms:"}, []string{"push.fcm.endpoint: " + plain}},

		{"a Redis", store("redis://redis.example.net:6379/0"), []string{open}},
		{"a Redis of the own network", store("redis://10.0.0.1"), []string{open}},
		{"one of the sentinels", store("redis+sentinel://127.0.0.1:1,10.0.0.2:1/m"), []string{open + "whoever is on the way can read it and change it, and learns its password; rediss+sentinel:// wanted"}},
		{"a Cluster", store("redis+cluster://a:1,b:1"), []string{open}},
		{"with TLS", store("rediss://redis.example.net:6380"), nil},
		{"sentinels with TLS", store("rediss+sentinel://a:1,b:1/m"), nil},
		{"a Redis here", store("redis://u:p@localhost:6379"), nil},
		{"a Cluster here", store("redis+cluster://127.0.0.1:1,[::1]:2"), nil},

		{"the whole world", proxies("0.0.0.0/0"), []string{world}},
		{"the whole new world", proxies("'::/0'"), []string{world}},
		{"the old world in the new", proxies("'::ffff:0.0.0.0/96'"), []string{world}},
		{"halves of it", proxies("0.0.0.0/1, 128.0.0.0/1"), []string{"server.trusted_proxies[0]: /1 is a large part of the world", "server.trusted_proxies[1]: /1 "}},
		{"all that is given out", proxies("'2000::/3'"), []string{"server.trusted_proxies[0]: /3 is a large part of the world"}},
		{"private networks", proxies("10.0.0.0/8, 'fc00::/7', 'fe80::/10', 127.0.0.1, '::ffff:10.0.0.0/104'"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, report := parseText(t, doubtful(t, tt.pairs...), nil)
			wantErrors(t, report.Errors)
			wantErrors(t, report.Warnings, tt.want...)
		})
	}
}

// TestEveryAddressIsDoubted: whatever the daemon calls by http on another host, with
// tokens and passwords, has its warning; so has a mail server without TLS.
func TestEveryAddressIsDoubted(t *testing.T) {
	rest := `
mail: {from: pager@example.net, smtp: {address: "mail.example.net:25", tls: none}}
heartbeat_to: [{url: "http://h.example.net/beat"}]
webhooks: [{name: w, url: "http://w.example.net/x", secret: a-secret-of-webhooks}]
chat:
  m: {mattermost: {url: "http://m.example.net", channel: abcdefghijklmnopqrstuvwxyz, token: a-token-of-a-bot-1}}
  s: {slack: {channel: C0123456, token: xoxb-a-token-of-a-bot, signing_secret: a-secret-of-an-app, base_url: "http://s.example.net"}}
  t: {teams: {url: "http://t.example.net/x"}}
sign_in: {oidc: {issuer: "http://idp.example.net", client_id: x, client_secret: a-secret-of-a-client}}
sources:
  am:
    {type: alertmanager, token: a-token-of-a-tool-1, recheck: {prometheus: {url: "http://p.example.net", token: a-token-of-a-tool-2}},
     write_back: {alertmanager: {url: "http://a.example.net", token: a-token-of-a-tool-3}}}
  ck: {type: checkmk, token: a-token-of-a-tool-4, write_back: {checkmk: {url: "http://c.example.net/s", user: u, password: a-password-1}}}
  ic:
    {type: icinga, token: a-token-of-a-tool-5, recheck: {icinga: {url: "http://i.example.net", user: u, password: a-password-2}},
     write_back: {icinga: {url: "http://i.example.net", user: u, password: a-password-3}}}
  zb:
    {type: zabbix, token: a-token-of-a-tool-6, recheck: {zabbix: {url: "http://z.example.net", token: a-token-of-a-tool-7}},
     write_back: {zabbix: {url: "http://z.example.net", token: a-token-of-a-tool-8}, webhook: {url: "http://w.example.net", secret: a-secret-of-a-tool}}}
`
	text := doubtful(t, `{rotations: [{people: [alice, bruno], first: "2026-11-19"}]}`, `{ical: {url: "http://cal.example.net/x.ics"}, people: [alice]}`) + rest
	_, report := parseText(t, text, nil)
	warned := map[string]bool{}
	for _, w := range report.Warnings {
		said := w.String()
		path, why, _ := strings.Cut(said, ": ")
		if strings.HasPrefix(why, "http to another host: ") || strings.HasPrefix(why, "mail to another host in the clear: ") {
			warned[path] = true
		}
	}
	for _, path := range []string{
		"groups.on-call.ical.url", "mail.smtp.tls", "heartbeat_to[0].url", "webhooks[0].url", "chat.m.mattermost.url", "chat.s.slack.base_url", "chat.t.teams.url",
		"sign_in.oidc.issuer", "sources.am.recheck.prometheus.url", "sources.am.write_back.alertmanager.url", "sources.ck.write_back.checkmk.url",
		"sources.ic.recheck.icinga.url", "sources.ic.write_back.icinga.url", "sources.zb.recheck.zabbix.url", "sources.zb.write_back.zabbix.url",
		"sources.zb.write_back.webhook.url",
	} {
		if !warned[path] {
			t.Errorf("%s is not doubted", path)
		}
	}
	if t.Failed() {
		t.Log(report)
	}
}

// TestRoomBesideALink: a public_url of 84 characters or more leaves less than
// 60 of an SMS; a longer one leaves no room at all.
func TestRoomBesideALink(t *testing.T) {
	address := func(n int) string { return "https://" + strings.Repeat("a", n-len("https://x.net")) + "x.net" }
	for _, tt := range []struct {
		length           int
		errors, warnings []string
	}{
		{82, nil, nil},
		{83, nil, nil},
		{84, nil, []string{"server.public_url: links below it take 101 of the 160 characters of an SMS and leave 59 for what happened: 60 wanted, by an address of 83 characters at most (line 2)"}},
		{106, nil, []string{"server.public_url: links below it take 123 of "}},
		{107, []string{"server.public_url: links below it take 124 characters, and an SMS has 160"}, nil},
		{130, []string{"server.public_url: links below it take 147 characters, and an SMS has 160"}, nil},
		{150, []string{"server.public_url: links below it take 167 characters, and an SMS has 160: too few are left for what happened; a shorter address wanted (line 2)"}, nil},
	} {
		_, report := parseText(t, doubtful(t, `"https://astreinte.example.net"`, address(tt.length)), nil)
		wantErrors(t, report.Errors, tt.errors...)
		wantErrors(t, report.Warnings, tt.warnings...)
	}
	long := address(150)
	for name, text := range map[string]string{
		"texts without links": strings.Replace(gatewayText("name: acme", "links: false"), "https://astreinte.example.net", long, 1),
		"no texts":            doubtful(t, `"https://astreinte.example.net"`, long, `sms: {provider: twilio, twilio: {account_sid: AC1, auth_token: x, from: "+33612345699"}}`, "push: {fcm: {credentials: '{}'}}"),
	} {
		_, report := parseText(t, text, nil)
		if warned := fmt.Sprint(report.Warnings); len(report.Errors) > 0 || strings.Contains(warned, "public_url") {
			t.Errorf("%s: %v", name, report)
		}
	}
}

// TestShortTokens: 16 characters are enough, 15 are not.
func TestShortTokens(t *testing.T) {
	_, report := parseText(t, smallest+`
sources:
  a: {type: alertmanager, token: ééééééééééééééé}
  b: {type: alertmanager, token: "0123456789abcdef"}
api:
  tokens:
    - {name: c, role: reader, token: short}
    - {name: d, role: reader, token: "${TOKEN}"}
`, map[string]string{"TOKEN": "from-elsewhere"})
	wantErrors(t, report.Errors)
	wantErrors(
		t, report.Warnings,
		"sources.a.token: a token of less than 16 characters can be guessed: `openssl rand -hex 32` makes one (line 5)",
		"api.tokens[0].token: a token of less than 16 characters can be guessed",
		"api.tokens[1].token: a token of less than 16 characters can be guessed",
	)
}

// TestCustomersWhomOneAlertFits compares pairs of matchers. The warning is at
// the second customer.
func TestCustomersWhomOneAlertFits(t *testing.T) {
	const first = "customers.two.matchers: an alert with "
	for _, tt := range []struct {
		name, one, two string
		want           string
	}{
		{"the same", `['team="a"']`, `['team="a"']`, first + `{team="a"} fits customer "one", too, who comes first and gets it (line 6)`},
		{"the same in another order", `['team="a"', 'site="b"']`, `['site="b"', 'team="a"']`, first + `{site="b", team="a"} fits`},
		{"one who asks for less comes first", `['team="a"']`, `['team="a"', 'site="b"']`, first + `{site="b", team="a"} fits`},
		{"one who asks for less comes second", `['team="a"', 'site="b"']`, `['team="a"']`, first + `{site="b", team="a"} fits`},
		{"an expression that fits a value", `['team=~"a.*"']`, `['team="ab"']`, first + `{team="ab"} fits`},
		{"a list with a value of the other's", `['team=~"a|b"']`, `['team=~"b|c"']`, first + `{team="b"} fits`},
		{"the same expression", `['team=~"a.+"']`, `['team=~"a.+"']`, first + `{team=~"a.+"} fits`},
		{"all but", `['team!="a"']`, `['site="b"']`, first + `{site="b"} fits`},
		{"another's name", `['customer="one"']`, `['customer=~"two|one"']`, first + `{customer="one"} is customer "one" by its name: no matchers are asked (line 6)`},
		{"different values", `['team="a"']`, `['team="b"']`, ""},
		{"different labels", `['team="a"']`, `['tenant="b"']`, ""},
		{"different sites", `['team="a"', 'site="b"']`, `['team="a"', 'site="c"']`, ""},
		{"nobody's matchers", `[]`, `['team="a"']`, ""},
		{"expressions that say nothing", `['team=~"a.+"']`, `['team=~"b.+"']`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, report := parseText(t, smallest+"\ncustomers:\n  one: {matchers: "+tt.one+"}\n  two: {matchers: "+tt.two+"}\n", nil)
			wantErrors(t, report.Errors)
			if tt.want == "" {
				wantErrors(t, report.Warnings)
			} else {
				wantErrors(t, report.Warnings, tt.want)
			}
		})
	}
}

// TestSecretsThatOthersCanRead: somebody besides its owner can read a file if
// its mode and its folder's mode allow it.
func TestSecretsThatOthersCanRead(t *testing.T) {
	if !hasModes {
		return
	}
	root := os.Geteuid() == 0
	for _, tt := range []struct {
		file, folder os.FileMode
		want         bool
	}{
		{0o600, 0o755, false},
		{0o400, 0o755, false},
		{0o644, 0o755, true},
		{0o604, 0o711, true},
		{0o602, 0o755, true}, // they can write it
		{0o644, 0o700, false},
		{0o644, 0o750, !root},
		{0o640, 0o750, !root}, // root's own, with a service's group
		{0o660, 0o750, true},
		{0o660, 0o700, false},
	} {
		dir := t.TempDir()
		folder := filepath.Join(dir, "secrets")
		write(t, filepath.Join(folder, "token"), "a-long-word-for-a-tool")
		write(t, filepath.Join(dir, "astreinte.yml"), smallest+"sources:\n  p: {type: alertmanager, token_file: secrets/token}\n")
		for path, mode := range map[string]os.FileMode{filepath.Join(folder, "token"): tt.file, folder: tt.folder} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		_, report := Load(filepath.Join(dir, "astreinte.yml"), Options{Now: saturday})
		wantErrors(t, report.Errors)
		want := []string{"sources.p.token_file: others can read the secret file secrets/token (mode 0"}
		if !tt.want {
			want = nil
		}
		t.Logf("%04o in %04o", tt.file, tt.folder)
		wantErrors(t, report.Warnings, want...)
	}
}

// TestAConfigurationWithSecretsThatOthersCanRead: check warns once for each
// file, at its first secret. A secret from the environment is not in the file.
func TestAConfigurationWithSecretsThatOthersCanRead(t *testing.T) {
	if !hasModes {
		return
	}
	dir := t.TempDir()
	open := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		write(t, path, text)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env := func(string) (string, bool) { return "a-long-word-of-the-environment", true }
	check := func(want ...string) {
		t.Helper()
		_, report := Load(filepath.Join(dir, "main.yml"), Options{Now: saturday, Getenv: env})
		wantErrors(t, report.Errors)
		wantErrors(t, report.Warnings, want...)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	open("main.yml", smallest+"sources:\n  p: {type: alertmanager, token: \"${TOKEN}\"}\n")
	check()
	open("main.yml", smallest+"include: [more.yml]\nsources:\n  p: {type: alertmanager, token: a-long-word-for-a-tool}\n  q: {type: alertmanager, token: another-word-for-a-tool}\n")
	open("more.yml", "api:\n  tokens:\n    - {name: t, role: reader, token: a-long-word-for-a-reader}\n")
	check(
		"sources.p.token: a secret in a file that others can read (mode 0644): chmod 600, or 640 where root owns it, or give each secret a file of its own (line 5)",
		"api.tokens[0].token: a secret in a file that others can read (mode 0644): chmod 600, or 640 where root owns it, or give each secret a file of its own (more.yml, line 3)",
	)
	open("main.yml", smallest+"store: redis://:hush@127.0.0.1:6379/0\n")
	check("store: a secret in a file that others can read (mode 0644)")
	open("main.yml", smallest+"store: redis+sentinel://127.0.0.1:6379/m?sentinel_password=hush\n")
	check("store: a secret in a file that others can read (mode 0644)")
	open("main.yml", smallest+"store: redis://127.0.0.1:6379/0\n")
	check()
	write(t, filepath.Join(dir, "main.yml"), smallest)
}
