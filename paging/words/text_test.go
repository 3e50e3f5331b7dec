package words

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/astreinte/astreinte/internal/ticket"
)

// exampleFacts are those of a critical page in the night.
func exampleFacts() Facts {
	paris := time.FixedZone("CET", 3600)
	at := func(h, m int) time.Time { return time.Date(2026, 11, 21, h, m, 0, 0, paris).UTC() }
	return Facts{
		Kind: ticket.KindPage, Number: "I261121_0001", Urgency: ticket.Critical,
		Customer: "Acme", Site: "Givrand", Title: "srv-db-01 HostDown",
		Since: at(3, 12), GTIDue: at(4, 12), Location: paris, Now: at(3, 12),
		Code: 12, Link: "https://astreinte.example.net/a/k3J9x2QpLm7T", Firing: 1,
	}
}

func TestSMS(t *testing.T) {
	const link = "\nhttps://astreinte.example.net/a/k3J9x2QpLm7T"
	long := strings.Repeat("x", 2000)
	for _, c := range []struct {
		name, lang string
		change     func(*Facts)
		want       string
	}{
		{
			"the example in French", "fr", func(*Facts) {},
			"CRITIQUE Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12\nREPONDRE 12 OK = je prends, 12 T tester, 12 E passer" + link,
		},
		{
			"the example in English", "en", func(*Facts) {},
			"CRITICAL Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12\nREPLY 12 OK = mine, 12 T test again, 12 E pass on" + link,
		},
		{
			"the example in Italian", "it", func(*Facts) {},
			"CRITICO Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12\nRISPONDI 12 OK = lo prendo, 12 T testa, 12 E passa" + link,
		},
		{
			"no answers", "fr-FR", func(f *Facts) { f.Code = 0 },
			"CRITIQUE Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12" + link,
		},
		{
			"other days", "en_GB", func(f *Facts) { f.Now = f.Now.AddDate(0, 0, 1); f.GTIDue = f.GTIDue.AddDate(0, 0, 1); f.Code = 0 },
			"CRITICAL Acme/Givrand srv-db-01 HostDown 21/11 03:12 GTI 04:12" + link,
		},
		{
			"on a day that is not said", "en", func(f *Facts) { f.Now = time.Time{}; f.Code = 0 },
			"CRITICAL Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12" + link,
		},
		{
			"due after midnight, no place", "de", func(f *Facts) {
				f.Now, f.Since, f.Location = f.Now.Add(20*time.Hour), f.Since.Add(20*time.Hour), nil
				f.GTIDue = f.Since.Add(4 * time.Hour)
				f.Code, f.Site = 0, ""
			},
			"CRITICAL Acme srv-db-01 HostDown 22:12 GTI 22/11 02:12" + link,
		},
		{
			"accents, firing, a configured word", "fr", func(f *Facts) {
				f.UrgencyLabel, f.Customer, f.Site, f.Title, f.Firing = "Urgentissime", "Ateliers Bellaç", "Forêt", "été “à” [sda]", 3
				f.GTIDue = time.Time{}
			},
			"Urgentissime Ateliers Bellac/Foret été \"à\" (sda) +2 03:12\nREPONDRE 12 OK = je prends, 12 T tester, 12 E passer" + link,
		},
		{
			"a title that cannot be written", "en", func(f *Facts) { f.Title = "🔥🔥 01"; f.Code = 0 },
			"CRITICAL Acme/Givrand 01 03:12 GTI 04:12" + link,
		},
		{
			"a title of nothing that can be written", "en", func(f *Facts) { f.Title = "🔥🔥"; f.Code = 0 },
			"CRITICAL Acme/Givrand I261121_0001 03:12 GTI 04:12" + link,
		},
		{
			"nothing known", "en", func(f *Facts) { *f = Facts{Number: f.Number, Link: f.Link} },
			"ALERT I261121_0001" + link,
		},
		{
			"a long title", "fr", func(f *Facts) { f.Title = "srv " + long },
			"CRITIQUE Acme srv " + strings.Repeat("x", 52) + ".. 03:12 GTI 04:12\nREPONDRE 12 OK = je prends" + link,
		},
		{
			"a new alert", "fr", func(f *Facts) { f.Kind, f.Taker, f.Host = ticket.KindJoined, "Alice", "srv-db-01" },
			"EN PLUS CRITIQUE Acme srv-db-01 HostDown 03:12 GTI 04:12 (pris Alice)\nREPONDRE 12 GO = je commence, 12 T tester" + link,
		},
		{
			"taken", "fr", func(f *Facts) {
				f.Kind, f.Taker, f.TakenAt = ticket.KindTaken, "Alice Martin", f.Now.Add(2*time.Minute)
			},
			"12 PRIS par Alice Martin 03:14\nCRITIQUE Acme/Givrand srv-db-01 HostDown 03:12" + link,
		},
		{
			"recovered, by a person", "it", func(f *Facts) {
				f.Kind, f.Taker, f.TakenAt, f.Code = ticket.KindRecovered, "Alice Martin", f.Now.Add(2*time.Minute), 0
			},
			"FINITO 03:14 da Alice Martin\nCRITICO Acme/Givrand srv-db-01 HostDown 03:12" + link,
		},
		{
			"recovered, by a rule", "en", func(f *Facts) {
				f.Kind, f.Reason, f.TakenAt = ticket.KindRecovered, "source silent", f.Now.Add(2*time.Minute)
			},
			"12 OVER 03:14: source silent\nCRITICAL Acme/Givrand srv-db-01 HostDown 03:12" + link,
		},
		{
			"a point of the checklist", "fr", func(f *Facts) {
				f.Kind, f.Point, f.PointDue, f.Code = ticket.KindDue, "Notifier l'autorité", f.Now.Add(14*time.Hour), 0
			},
			"ECHEANCE 17:12: Notifier l'autorité\nCRITIQUE Acme/Givrand srv-db-01 HostDown 03:12" + link,
		},
		{
			"a point of whoever wants no details", "en", func(f *Facts) {
				f.Kind, f.Point, f.PointDue, f.Code = ticket.KindDue, "tell the authority", f.Now.Add(time.Minute), 0
				f.Discreet()
			},
			"DUE 03:13\nCRITICAL " + exampleFacts().Number + link,
		},
		{
			"a link in another script", "en", func(f *Facts) { f.Link, f.Code = "https://é.example/a/x", 0 },
			"CRITICAL Acme/Givrand srv-db-01 HostDown 03:12 GTI 04:12\nhttps://%C3%A9.example/a/x",
		},
		{
			"a long notice", "fr", func(f *Facts) {
				f.Kind, f.Taker, f.TakenAt, f.Reason = ticket.KindRecovered, long, f.Now.Add(2*time.Minute), long
				f.Title, f.Link = long, "https://"+strings.Repeat("l", 102)
			},
			"12 TERMINE 03:14 par " + strings.Repeat("x", 10) + ".\nCRITIQUE xxxxx..\nhttps://" + strings.Repeat("l", 102),
		},
		{
			"a link that leaves little room", "fr", func(f *Facts) { f.Link = "https://" + strings.Repeat("l", 112) },
			"CRITIQUE srv-db.. 03:12 GTI 04:12\n12 OK\nhttps://" + strings.Repeat("l", 112),
		},
		{
			"a link that leaves less", "fr", func(f *Facts) { f.Link, f.Host = "https://"+strings.Repeat("l", 125), "srv-db-01" },
			"CRITIQUE HostDown\n12 OK\nhttps://" + strings.Repeat("l", 125),
		},
		{
			"a link that leaves none for the urgency", "fr", func(f *Facts) { f.Link, f.Host = "https://"+strings.Repeat("l", 138), "srv-db-01" },
			"HostD..\n12 OK\nhttps://" + strings.Repeat("l", 138),
		},
	} {
		f := exampleFacts()
		c.change(&f)
		got := SMS(c.lang, f)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		if n, ok := Septets(got); !ok || n > GsmSingle {
			t.Errorf("%s: %d septets, %v", c.name, n, ok)
		}
	}
}

func TestPush(t *testing.T) {
	f := exampleFacts()
	title, body, data := Push("fr", f)
	if title != "CRITIQUE Acme/Givrand" || body != "srv-db-01 HostDown 03:12 GTI 04:12\nREPONDRE 12 OK = je prends, 12 T tester, 12 E passer" {
		t.Errorf("push: %q, %q", title, body)
	}
	want := map[string]string{"ticket": "I261121_0001", "code": "12", "link": f.Link, "urgency": "critical", "kind": "page"}
	if len(data) != len(want) {
		t.Errorf("data: %v", data)
	}
	for k, v := range want {
		if data[k] != v {
			t.Errorf("data[%q] = %q, want %q", k, data[k], v)
		}
	}

	f.Title, f.Customer, f.Code, f.Link = "forêt 🔥\n停止 \xff", "Ça", 0, ""
	title, body, data = Push("en", f)
	if title != "CRITICAL Ça/Givrand" || body != "forêt 🔥 停止 03:12 GTI 04:12" || len(data) != 3 {
		t.Errorf("push: %q, %q, %v", title, body, data)
	}

	f.Kind, f.Taker, f.TakenAt = ticket.KindTaken, "Zoë", f.Now
	title, body, _ = Push("en", f)
	if title != "TAKEN by Zoë 03:12" || body != "CRITICAL Ça/Givrand forêt 🔥 停止 03:12" {
		t.Errorf("push: %q, %q", title, body)
	}
}

func TestPushBounds(t *testing.T) {
	long := strings.Repeat("é🔥 ", 1000)
	for _, kind := range []ticket.PageKind{ticket.KindPage, ticket.KindJoined, ticket.KindTaken, ticket.KindRecovered, ticket.KindDue} {
		f := exampleFacts()
		f.Kind, f.Number, f.UrgencyLabel, f.Customer, f.Site, f.Title = kind, long, long, long, long, long
		f.Taker, f.Reason, f.Point, f.TakenAt, f.Link = long, long, long, f.Now, "https://"+strings.Repeat("l", 592)
		title, body, data := Push("fr", f)
		if n := pushSize(title, body, data); n > 2048 || data["link"] != f.Link || !utf8.ValidString(title+body) {
			t.Errorf("%s: %d bytes, %q, %q", kind, n, title, body)
		}
		f.Link += "l"
		if _, _, data := Push("fr", f); data["link"] != "" {
			t.Errorf("%s: a link of %d bytes", kind, len(f.Link))
		}
	}
}

func pushSize(title, body string, data map[string]string) int {
	size := len(title) + len(body)
	for k, v := range data {
		size += len(k) + len(v)
	}
	return size
}

func fuzzFacts(f *testing.F, check func(t *testing.T, lang string, facts Facts)) {
	now := exampleFacts().Now
	f.Add("fr", "page", "Acme", "Givrand", "https://shop.example.com/health Ошибка", "Alice", "", "https://a.example/a/k3J9x2QpLm7T", int64(0), 12)
	f.Add("fr", "page", "Acme", "Givrand", "srv-db-01 HostDown", "Alice", "", "https://astreinte.example.net/a/k3J9x2QpLm7T", int64(0), 12)
	f.Add("it", "joined", strings.Repeat("é", 300), "[]{}", "日本🔥", "Zoë", "why", "https://x.example/a/~", int64(1e6), 9999)
	f.Add("en", "taken", "", "", "", "", "", "", int64(-1e9), 0)
	f.Add("en", "recovered", "\n", "€", "\xff", "{at}", ": :", "", int64(3), 11)
	f.Fuzz(func(t *testing.T, lang, kind, customer, site, title, taker, reason, link string, seconds int64, code int) {
		at := now.Add(time.Duration(seconds%1e8) * time.Second)
		check(t, lang, Facts{
			Kind: ticket.PageKind(kind), Number: "I261121_0001", Urgency: ticket.Urgency(code % 7), UrgencyLabel: reason,
			Customer: customer, Site: site, Title: title, Host: hostOf(title), GSMOnly: code%2 == 1, Since: at, GTIDue: at.Add(time.Hour), Now: now,
			Code: code, Link: link, Firing: int(seconds % 500), Taker: taker, TakenAt: at, Reason: reason,
		})
	})
}

func FuzzSMS(f *testing.F) {
	fuzzFacts(f, func(t *testing.T, lang string, facts Facts) {
		facts.Code = min(max(facts.Code, 0), 9999)
		got := SMS(lang, facts)
		link := plainLink(facts.Link)
		if length(link) > 110 && !strings.HasSuffix(got, link) {
			t.Fatalf("no link %q: %q", link, got)
		}
		if length(link) > 110 {
			return
		}
		if n, ok := Septets(got); (!ok || n > GsmSingle || n == 0) && (!foreign(facts.Title) || facts.GSMOnly || wideLength(got) > ucs2Single) {
			t.Fatalf("%d septets, %v: %q", n, ok, got)
		}
		if facts.Code > 0 && facts.kind() == ticket.KindPage && !strings.Contains(got, fmt.Sprint(facts.Code)+" OK") {
			t.Fatalf("no code %d: %q", facts.Code, got)
		}
		if !strings.HasSuffix(got, link) {
			t.Fatalf("no link %q: %q", link, got)
		}
		if strings.Contains(got, "?") && !strings.Contains(norm.NFKD.String(facts.Title+facts.Customer+facts.Site+facts.UrgencyLabel+facts.Taker+facts.Reason+facts.Link), "?") {
			t.Fatalf("a question mark that was none: %q", got)
		}
		if strings.ContainsAny(got, "{}") && !strings.ContainsAny(facts.Link+facts.Title+facts.Customer+facts.Site+facts.Taker+facts.Reason, "{}") {
			t.Fatalf("unfilled: %q", got)
		}
		_, name := ticket.Parted(facts.Title, facts.Host)
		begin := firstWord(smsLimits.write(name, whole))
		if !strings.Contains(got, begin) && !strings.Contains(got, firstWord(wideLimits.write(name, whole))) {
			t.Fatalf("nothing of the name %q (%q): %q", name, begin, got)
		}
		if strings.Contains(strings.TrimSuffix(got, link), "://") && !strings.HasSuffix(facts.Customer, ":") {
			t.Fatalf("an address that is not ours: %q", got)
		}
	})
}

// firstWord is the part of an alert's name that every SMS has: some letters of
// its first word.
func firstWord(name string) string {
	begin := []rune(strings.TrimLeft(name, " .,;:/-_("))
	return strings.TrimRight(string(begin[:min(len(begin), 2)]), " .,;:/-_(")
}

// hostOf takes half of the titles for ones that begin with a host.
func hostOf(title string) string {
	host, _, _ := strings.Cut(title, " ")
	if len(title)%2 == 1 {
		return ""
	}
	return host
}

func FuzzPush(f *testing.F) {
	fuzzFacts(f, func(t *testing.T, lang string, facts Facts) {
		title, body, data := Push(lang, facts)
		if n := pushSize(title, body, data); n > 2048 {
			t.Fatalf("%d bytes", n)
		}
		if title == "" || body == "" || !utf8.ValidString(title) || !utf8.ValidString(body) || strings.Contains(title, "\n") {
			t.Fatalf("%q, %q", title, body)
		}
		if _, err := json.Marshal(data); err != nil {
			t.Fatal(err)
		}
	})
}
