package words

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// clinic are facts that are too long in each part.
func clinic() Facts {
	f := exampleFacts()
	f.Customer, f.Site = "Clinique Saint-Yves", "Nantes"
	f.Host, f.Domain = "srv-pacs-01.clinique.example:9100", "clinique.example"
	f.Title = f.Host + " PacsDicomQueueStuck"
	return f
}

// TestWhatGivesWay: port and domain, the site, the customer's name, the
// optional answers, the host's name, and the alert's name last.
func TestWhatGivesWay(t *testing.T) {
	const link = "\nhttps://astreinte.example.net/a/k3J9x2QpLm7T"
	titled := func(f *Facts, host, name string) { f.Host, f.Title = host, host+" "+name }
	for _, c := range []struct {
		name   string
		change func(*Facts)
		want   string
	}{
		{
			"room for all", func(f *Facts) { f.Code, f.Customer = 0, "Acme" },
			"CRITIQUE Acme/Nantes srv-pacs-01.clinique.example:9100 PacsDicomQueueStuck 03:12 GTI 04:12" + link,
		},
		{
			"the port", func(f *Facts) { f.Code, f.Customer = 0, "Clinique Saint-Yves et environs" },
			"CRITIQUE Clinique Saint-Yves et environs/Nantes srv-pacs-01.clinique.example PacsDicomQueueStuck 03:12 GTI 04:12" + link,
		},
		{
			"the domain", func(f *Facts) { f.Code, f.Customer = 0, "Clinique Saint-Yves et de Saint-Roch" },
			"CRITIQUE Clinique Saint-Yves et de Saint-Roch/Nantes srv-pacs-01 PacsDicomQueueStuck 03:12 GTI 04:12" + link,
		},
		{
			"a domain that is not every host's", func(f *Facts) { f.Code, f.Domain, f.Customer = 0, "example", "Clinique Saint-Yves et de Saint-Roch" },
			"CRITIQUE Clinique Saint-Yves et de Saint-Roch/Nantes srv-pacs-01.clinique PacsDicomQueueStuck 03:12 GTI 04:12" + link,
		},
		{
			"an address's port alone", func(f *Facts) {
				f.Domain, f.Customer = "", "Acme"
				titled(f, "10.0.0.1:9100", "HostDownAgain")
			},
			"CRITIQUE Acme/Nantes 10.0.0.1 HostDownAgain 03:12 GTI 04:12\nREPONDRE 12 OK = je prends, 12 T tester, 12 E passer" + link,
		},
		{
			"the site", func(f *Facts) {
				f.Customer = "Acme"
				titled(f, "srv-db-01:9100", "HostDownTwiceInA")
			},
			"CRITIQUE Acme/Nant. srv-db-01 HostDownTwiceInA 03:12 GTI 04:12\nREPONDRE 12 OK = je prends, 12 T tester, 12 E passer" + link,
		},
		{
			"the site, then the customer", func(f *Facts) { titled(f, "srv-db-01:9100", "HostDown") },
			"CRITIQUE Clinique Saint-Yv. srv-db-01 HostDown 03:12 GTI 04:12\nREPONDRE 12 OK = je prends, 12 T tester, 12 E passer" + link,
		},
		{
			"the optional answers, and what they give up is the names'", func(*Facts) {},
			"CRITIQUE Clinique Saint-Yv. srv-pacs-01 PacsDicomQueueStuck 03:12 GTI 04:12\nREPONDRE 12 OK = je prends, 12 T tester" + link,
		},
		{
			"the host", func(f *Facts) { titled(f, "srv-pacs-archive-standby-01:9100", "PacsDicomQueueStuckForever") },
			"CRITIQUE Clinique Sa. srv-pacs-archive-st..01 PacsDicomQueueStuckForever 03:12 GTI 04:12\nREPONDRE 12 OK = je prends" + link,
		},
		{
			"the alert's name last", func(f *Facts) {
				titled(f, "srv-pacs-archive-standby-01:9100", "PacsDicomQueueStuckForeverAndEverAndWithoutAnEnd")
			},
			"CRITIQUE Clinique Sa. srv-..01 PacsDicomQueueStuckForeverAndEverAndWit.. 03:12 GTI 04:12\nREPONDRE 12 OK = je prends" + link,
		},
		{
			"a bundle", func(f *Facts) { f.Tickets = 40 },
			"40 x CRITIQUE, dont Clinique Sai. srv-pacs-01 PacsDicomQueueStuck 03:12 GTI 04:12\nREPONDRE 12 OK = je prends les 40" + link,
		},
		{
			"a notice", func(f *Facts) {
				f.Kind, f.Reason, f.TakenAt = ticket.KindRecovered, "source silent", f.Now.Add(2*time.Minute)
				titled(f, "srv-pacs-archive-standby-01:9100", "PacsDicomQueueStuckForever")
			},
			"12 TERMINE 03:14: source silent\nCRITIQUE Clinique Sai. srv-pacs-archive-standby-01 PacsDicomQueueStuckForever 03:12" + link,
		},
	} {
		f := clinic()
		c.change(&f)
		got := SMS("fr", f)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		if n, ok := Septets(got); !ok || n > GsmSingle {
			t.Errorf("%s: %d septets, %v", c.name, n, ok)
		}
	}
}

// TestNoForeignAddress: an address in a title is written without its scheme.
// Our link is left out by not writing it, not by filtering.
func TestNoForeignAddress(t *testing.T) {
	for title, want := range map[string]string{
		"https://shop.example.com/health ProbeFailed":       "shop.example.com/health ProbeFailed",
		"see http://a.example:8080/x, svn+ssh://b.example":  "see a.example:8080/x, b.example",
		"(HTTPS://shop.example.com)":                        "(shop.example.com)",
		"http:a:////evil.example":                           "evil.example",
		"https：／／shop.example.com down":                     "shop.example.com down",
		"hthttps://tps://shop.example.com down":             "shop.example.com down",
		"url=https://shop.example.com/a?b=c:d#e is broken!": "url=shop.example.com/a?b=c:d#e is broken!",
	} {
		f := exampleFacts()
		f.Title, f.Host, f.Code = title, "https://shop.example.com/health", 0
		for _, link := range []string{"", "https://astreinte.example.net/a/k3J9x2QpLm7T"} {
			f.Link = link
			if got, want := SMS("fr", f), join("\n", "CRITIQUE Acme/Givrand "+want+" 03:12 GTI 04:12", link); got != want {
				t.Errorf("%q:\n%s\nwant:\n%s", title, got, want)
			}
		}
	}
	f := exampleFacts()
	f.Title = "https://shop.example.com/health ProbeFailed"
	if _, body, _ := Push("fr", f); !strings.HasPrefix(body, f.Title) {
		t.Errorf("a push is not whole: %q", body)
	}
}

// TestOtherScripts: letters of another script stay if the whole title fits
// into one part of 70. Otherwise they are written in Latin letters.
func TestOtherScripts(t *testing.T) {
	const short = "https://a.example/a/k3J9x2QpLm7Tx"
	for _, c := range []struct {
		name   string
		change func(*Facts)
		want   string
	}{
		{"cyrillic", func(f *Facts) { f.Title = "db-1 Сбой" }, "CRITIQUE db-1 Сбой 03:12 GTI 04:12\n" + short},
		{"han, an accent beside it", func(f *Facts) { f.Title, f.Customer = "停止", "Forêt" }, "CRITIQUE Forêt 停止 03:12 GTI 04:12\n" + short},
		{"arabic", func(f *Facts) { f.Title = "خطأ" }, "CRITIQUE خطأ 03:12 GTI 04:12\n" + short},
		{"an answer", func(f *Facts) { f.Title, f.Code, f.Link = "Сервер упал", 12, "" }, "CRITIQUE Сервер упал 03:12 GTI 04:12\nREPONDRE 12 OK = je prends"},
		{"no emoji among them", func(f *Facts) { f.Title = "停止 🔥🌡\ufe0f" }, "CRITIQUE 停止 03:12 GTI 04:12\n" + short},
		{"too long", func(f *Facts) { f.Title = "Сервер базы данных упал" }, "CRITIQUE Server bazy dannykh upal 03:12 GTI 04:12\n" + short},
		{"a carrier of GSM-7 alone", func(f *Facts) { f.Title, f.GSMOnly = "停止", true }, "CRITIQUE Ting Zhi 03:12 GTI 04:12\n" + short},
		{"emoji alone", func(f *Facts) { f.Title = "🔥 disk 👍🏽" }, "CRITIQUE disk 03:12 GTI 04:12\n" + short},
		{"capitals that GSM-7 has", func(f *Facts) { f.Title = "ΔΩ" }, "CRITIQUE ΔΩ 03:12 GTI 04:12\n" + short},
		{"a customer's name does not decide", func(f *Facts) { f.Title, f.Customer = "disk", "Завод" }, "CRITIQUE Zavod disk 03:12 GTI 04:12\n" + short},
	} {
		f := exampleFacts()
		f.Customer, f.Site, f.Code, f.Link = "", "", 0, short
		c.change(&f)
		got := SMS("fr", f)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		if n := Segments(got); n != 1 {
			t.Errorf("%s: %d segments", c.name, n)
		}
	}
}

// TestRealTitles tries titles of payloads that monitoring tools sent.
func TestRealTitles(t *testing.T) {
	for _, c := range []struct{ host, name, want string }{
		{"sonde-№7 🌡", "Température", "CRITIQUE Acme/Givrand sonde-No7 Température 03:12 GTI 04:12"},
		{"db1.prod:9187", "PostgresDown", "CRITIQUE Acme/Givrand db1.prod:9187 PostgresDown 03:12 GTI 04:12"},
		{"localhost:8081", "InstanceDown", "CRITIQUE Acme/Givrand localhost:8081 InstanceDown 03:12 GTI 04:12"},
		{"", "http vhost é on Web n°1 (Paris) is CRITICAL!", "CRITIQUE Acme/Givrand http vhost é on Web n1 (Paris) is CRITICAL! 03:12 GTI 04:12"},
		{"", "[Triggered on {host:db-incident-demo}] Postgres is near the max CPU usage limit", "CRITIQUE Acme/Givr. (Triggered on (host:db-incident-demo)) Postgres is near the max CPU usage limit 03:12 GTI 04:12"},
		{"", "/subscriptions/b9569717-bc32-442f-add5-83a997729330/resourcegroups/pipelinealertrg/providers/microsoft.compute/virtualmachines/wcus-r2-gen2", "CRITIQUE Acme /subscriptions/b9569717-bc32-442f-add5-83a997729330/resourcegroups/pipelinealertrg.. 03:12 GTI 04:12"},
	} {
		f := exampleFacts()
		f.Host, f.Title, f.Code = c.host, strings.TrimSpace(c.host+" "+c.name), 0
		if line, _, _ := strings.Cut(SMS("fr", f), "\n"); line != c.want {
			t.Errorf("%q:\n%s\nwant:\n%s", f.Title, line, c.want)
		}
	}
}

// TestTheHourThatComesTwice: on 25 October 2026 Paris has 02:30 twice.
func TestTheHourThatComesTwice(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	summer, winter := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		lang       string
		since, due time.Time
		want       string
	}{
		{"fr", summer, winter, "02:30 (heure d'ete) GTI 02:30 (heure d'hiver)"},
		{"en", summer, winter, "02:30 (summer time) GTI 02:30 (winter time)"},
		{"it", summer, winter, "02:30 (ora legale) GTI 02:30 (ora solare)"},
		{"fr", winter, winter.Add(20 * time.Minute), "02:30 GTI 02:50 (heure d'hiver)"},
		{"fr", winter, winter.Add(time.Hour), "02:30 (heure d'hiver) GTI 03:30"},
		{"fr", summer.Add(-time.Hour), summer, "01:30 GTI 02:30 (heure d'ete)"},
		{"fr", summer, time.Time{}, "02:30 (heure d'ete)"},
		{"fr", summer.Add(-31 * time.Minute), winter.Add(30 * time.Minute), "01:59 GTI 03:00"},
		{"fr", summer.Add(-30 * time.Minute), winter.Add(29 * time.Minute), "02:00 (heure d'ete) GTI 02:59 (heure d'hiver)"},
		{"fr", time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC), "01:30 GTI 03:30"},
	} {
		f := exampleFacts()
		f.Location, f.Now, f.Since, f.GTIDue, f.Code = paris, c.since, c.since, c.due, 0
		got := SMS(c.lang, f)
		if line, _, _ := strings.Cut(got, "\n"); !strings.HasSuffix(line, "HostDown "+c.want) || length(got) > GsmSingle {
			t.Errorf("%s: %q, want %q", c.lang, got, c.want)
		}
	}
	f := exampleFacts()
	f.Location, f.Now, f.Since, f.GTIDue = paris, summer, summer, winter
	if got := SMS("fr", f); length(got) > GsmSingle || !strings.Contains(got, "HostDown 02:30 (heure d'ete) GTI 02:30 (heure d'hiver)\nREPONDRE 12 OK") {
		t.Errorf("with answers: %q", got)
	}
	r := Replies{Lang: "fr", Location: paris, Now: summer}
	if got := r.Acknowledged(12, summer, winter); got != "12 PRIS 02:30 (heure d'ete). La GTI (02:30 (heure d'hiver)) court: 12 GO en commencant" {
		t.Errorf("reply: %q", got)
	}
	lordHowe, err := time.LoadLocation("Australia/Lord_Howe") // half an hour
	if err != nil {
		t.Fatal(err)
	}
	c := phrasesIn("en").clock(lordHowe, time.Time{})
	if a, b := c.at(time.Date(2026, 4, 4, 14, 45, 0, 0, time.UTC)), c.at(time.Date(2026, 4, 4, 15, 15, 0, 0, time.UTC)); a != "01:45 (summer time)" || b != "01:45 (winter time)" {
		t.Errorf("%q, %q", a, b)
	}
}

// TestACutKeepsMarks: a cut does not part a letter from its accents.
func TestACutKeepsMarks(t *testing.T) {
	const s = "abxe\u0323\u0302cd"
	for most, want := range map[int]string{7: "abxe\u0323\u0302.", 6: "abx.", 5: "abx.", 4: "abx.", 8: s} {
		if got := shorten(s, most, "."); got != want {
			t.Errorf("%d: %q, want %q", most, got, want)
		}
	}
	if got := shorten(s+"e", 8, "."); got != "abxe\u0323\u0302c." {
		t.Errorf("%q", got)
	}
}

// TestTooLong counts what a customer's name costs.
func TestTooLong(t *testing.T) {
	f := exampleFacts()
	f.Host, f.Title = strings.Repeat("h", 20), strings.Repeat("h", 20)+" "+strings.Repeat("n", 20)
	if n := TooLong("fr", f); n != 0 {
		t.Errorf("Acme/Givrand: %d too many", n)
	}
	f.Customer, f.Site = "Clinique Saint-Yves", "Nantes"
	if n := TooLong("fr", f); n != 5 {
		t.Errorf("Clinique Saint-Yves/Nantes: %d too many, want 5", n)
	}
	f.Code = 0
	if n := TooLong("fr", f); n != 0 {
		t.Errorf("without answers: %d too many", n)
	}
}

// TestSamplesOfTheDocs compares the texts in README and OPERATIONS with the
// real ones.
func TestSamplesOfTheDocs(t *testing.T) {
	indented := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.SplitSeq(string(text), "\n") {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "< "))
		}
		return strings.Join(lines, "\n")
	}
	paris := time.FixedZone("CET", 3600)
	at := func(h, m int) time.Time { return time.Date(2026, 11, 21, h, m, 0, 0, paris) }
	f := exampleFacts()
	f.Host, f.Since, f.GTIDue, f.Now, f.Code, f.Link = "srv-db-01", at(20, 46), at(21, 46), at(20, 46), 11, "http://127.0.0.1:8080/a/D3wpHMO5rpl6b"
	if text := SMS("fr", f); !strings.Contains(indented("../../README.md"), text) {
		t.Errorf("README does not show\n%s", text)
	}
	f = exampleFacts()
	f.Host, f.Title, f.Urgency, f.Tickets, f.GTIDue, f.Code = "srv-web-07", "srv-web-07 HostDown", ticket.Major, 40, at(7, 12), 31
	if text := SMS("fr", f); !strings.Contains(indented("../../docs/OPERATIONS.md"), text) {
		t.Errorf("OPERATIONS does not show\n%s", text)
	}
}
