package screens

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/astreinte/astreinte/internal/reftest"
	"github.com/astreinte/astreinte/internal/web/browsertest"
)

// night is a site in a night with something of everything, as those who may see it.
type night struct {
	*site
	open, taken, over, said string   // tickets; one that somebody said
	storm                   []string // that are open
	wall, drill             string   // the paths of one
	contact, gone           string   // contacts; one that was anonymised
	readers                 []reader
}

// reader is one of the site's people, whose language is his own.
type reader struct {
	person, language, session string
	invite, enrol             string // invitations that nobody has used
	link, bundle              string
}

func newNight(t testing.TB) *night {
	t.Helper()
	n := &night{site: newSite(t)}
	n.open = n.alert("prometheus", "HostDown", "instance", "srv-base-de-donnees-01.clinique-saint-yves.example.com:9100", "site", "Givrand-sur-Vie, bâtiment des urgences")
	n.taken = n.alert("prometheus", "DiskFull", "severity", "high")
	n.over = n.alert("prometheus", "BackupLate", "severity", "warning")
	for i := range 6 {
		n.storm = append(n.storm, n.alert("prometheus", fmt.Sprintf("Down%02d", i), "severity", []string{"critical", "high", "info"}[i%3]))
	}
	n.alert("bellac", "Printer", "severity", "info")
	n.acts("bruno", n.taken, "acknowledge")
	n.acts("bruno", n.taken, "note")
	n.acts("chloe", n.over, "resolve")
	n.acts("alice", n.storm[5], "pickup")
	n.people()
	n.said = n.told("alice")
	n.worked()
	for _, number := range []string{n.said, n.open} {
		n.api(http.MethodPost, "/tickets/"+number+"/meeting", map[string]string{"url": "https://meet.example.net/" + number + "-" + strings.Repeat("k7x2", 12)})
	}
	n.refused("bellac", `{"alerts": [{"labels": 7}]}`)
	n.checked(n.open)
	n.checked(n.taken)
	n.api(http.MethodPost, "/silences", map[string]any{"matchers": []string{`alertname=~"Maintenance.*"`, `instance="srv-base-de-donnees-01.clinique-saint-yves.example.com:9100"`}, "for": "2h", "why": "remplacement des disques"})
	n.api(http.MethodPost, "/heartbeats", map[string]any{"name": "sauvegarde-de-la-nuit", "every": "1d", "labels": map[string]string{"customer": "acme", "severity": "error"}})
	for _, who := range []reader{{person: "alice", language: "fr"}, {person: "bruno", language: "it"}, {person: "chloe", language: "en"}} {
		n.device(who.person)
		n.api(http.MethodPost, "/people/"+who.person+"/test", map[string]any{})
		who.session = n.signedIn(who.person)
		n.form(who.session, "/filters", url.Values{"name": {"Les critiques"}, "query": {"state=open&urgency=critical"}})
		who.invite, who.enrol = n.invited(who.person, false), n.invited(who.person, true)
		who.link, who.bundle = n.link(who.person, n.open), n.link(who.person, n.storm...)
		n.readers = append(n.readers, who)
	}
	began := regexp.MustCompile(`"id":"([^"]+)"`).FindSubmatch(n.api(http.MethodPost, "/drills", map[string]string{"group": "on-call"}))
	if began == nil {
		t.Fatal("no drill began")
	}
	n.drill = "/drills/" + string(began[1])
	_, made := n.form(n.readers[0].session, "/walls", nil)
	n.wall = string(regexp.MustCompile(`/wall/[A-Z0-9]+`).Find(made))
	if n.wall == "" {
		t.Fatalf("no address of a wall was made: %s", made)
	}
	return n
}

// people makes contacts of a customer, one of whom is anonymous.
func (n *night) people() {
	n.t.Helper()
	id := regexp.MustCompile(`"id":"([^"]+)"`)
	made := func(contact map[string]any) string {
		n.t.Helper()
		contact["customer"] = "acme"
		answer := n.api(http.MethodPost, "/contacts", contact)
		found := id.FindSubmatch(answer)
		if found == nil {
			n.t.Fatalf("no contact was made: %s", answer)
		}
		return string(found[1])
	}
	n.contact = made(map[string]any{
		"name": "Marc-Antoine de la Bourdonnaye", "phones": []string{"+33240112233", "+33612345699"}, "emails": []string{"marc-antoine.de-la-bourdonnaye@clinique-saint-yves.example.com"},
		"site": "Givrand-sur-Vie, bâtiment des urgences", "strategic": true, "ref": "CSY-000117", "language": "fr", "notes": "Le matin plutôt.\nParle <b>italien</b>.",
	})
	n.gone = made(map[string]any{"name": "Somebody"})
	made(map[string]any{"name": "Éléonore Lefèvre", "phones": []string{"+33240112234"}})
	n.api(http.MethodDelete, "/contacts/"+n.gone+"?anonymise=true", nil)
}

// tries has a file of contacts tried that a browser would choose.
func tries(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`(() => {
			const input = document.querySelector("input[type=file]"), chosen = new DataTransfer();
			document.getElementById("import").open = true;
			chosen.items.add(new File([`+strconv.Quote(text)+`], "contacts.csv", { type: "text/csv" }));
			input.files = chosen.files;
			input.form.querySelector("button").click();
			return true;
		})()`)(ctx, tab)
		return err //nolint:wrapcheck // the caller says what it was
	})
}

// told opens a ticket for what somebody said on the telephone.
func (n *night) told(person string) string {
	n.t.Helper()
	answer := n.api(http.MethodPost, "/tickets", map[string]any{
		"title": "Plus de messagerie depuis ce matin, tout le service comptabilité", "customer": "acme", "urgency": "low", "origin": "call", "person": person,
		"contact":     map[string]string{"id": n.contact, "name": "Marc-Antoine de la Bourdonnaye", "phone": "+33240112233", "email": "marc-antoine.de-la-bourdonnaye@clinique-saint-yves.example.com"},
		"description": "Depuis 09:00 aucun message n'arrive.\nLes <b>envois</b> restent dans la boîte d'envoi.", "impact": "several", "workaround": "no", "complexity": "confirmed", "billable": "no", "application": "Messagerie", "category": "mail",
	})
	return string(regexp.MustCompile(`[A-Z][0-9]+_[0-9]+`).Find(answer))
}

// refused posts what a source may not.
func (n *night) refused(source, body string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost, n.at+"/ingest/"+source, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+postToken)
	resp, err := n.client.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		n.t.Fatalf("%s", resp.Status)
	}
}

// checked has a ticket checked again, and waits for the answer.
func (n *night) checked(number string) {
	n.t.Helper()
	n.api(http.MethodPost, "/tickets/"+number+"/recheck", map[string]string{"person": "alice"})
	if answer := n.api(http.MethodGet, "/tickets/"+number+"/recheck?wait=50s", nil); !strings.Contains(string(answer), "answered") {
		n.t.Fatalf("%s", answer)
	}
}

// device adds a phone of a person, whose browser is pushed to.
func (n *night) device(person string) {
	n.t.Helper()
	key := regexp.MustCompile(`"key":"([^"]+)"`).FindSubmatch(n.api(http.MethodGet, "/push", nil))
	if key == nil {
		n.t.Fatal("there is no key to subscribe with")
	}
	phone := n.world.Phone(person, map[string]string{"alice": "+33612345601", "bruno": "+33612345602", "chloe": "+33612345603"}[person])
	n.api(http.MethodPost, "/people/"+person+"/devices", map[string]any{"platform": "web", "name": "Pixel 9 Pro de " + person, "subscription": phone.Subscribe(string(key[1]))})
}

// view is one page, or what a page becomes once somebody has done something on it.
type view struct {
	name, path string
	then       []chromedp.Action[chromedp.Void]
}

// unfold opens what is folded.
func unfold(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`document.querySelector("`+selector+`").open = true`)(ctx, tab)
		return err //nolint:wrapcheck // the caller says what it was
	})
}

// calls fills in who calls, and has what stands beside the form looked up.
func calls(customer, phone string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`(() => {
			const fill = (id, value) => { const it = document.getElementById(id); it.value = value; it.dispatchEvent(new Event("change", { bubbles: true })); };
			fill("f-contact-phone", "`+phone+`");
			fill("f-impact", "several");
			fill("f-customer", "`+customer+`");
			return true;
		})()`)(ctx, tab)
		return err //nolint:wrapcheck // the caller says what it was
	})
}

// inside are the pages of who is signed in.
func (n *night) inside(who *reader) []view {
	see, click := browsertest.See, browsertest.Click
	then := func(steps ...chromedp.Action[chromedp.Void]) []chromedp.Action[chromedp.Void] { return steps }
	own := "/people/" + who.person
	return []view{
		{name: "now", path: "/now"},
		{name: "tickets", path: "/tickets"},
		{name: "tickets-filtered", path: "/tickets?state=open&urgency=critical&due_within=2h&breached=true", then: then(unfold(".filters details"), see(".fields"))},
		{name: "tickets-none", path: "/tickets?q=nothing"},
		{name: "ticket", path: "/tickets/" + n.open, then: then(unfold(".alerts details"))},
		{name: "ticket-sure", path: "/tickets/" + n.open + "?sure=resolve"},
		{name: "ticket-taken", path: "/tickets/" + n.taken, then: then(unfold("details.more"))},
		{name: "ticket-checked", path: "/tickets/" + n.taken + "?done=recheck"},
		{name: "ticket-over", path: "/tickets/" + n.over},
		{name: "clock", path: "/tickets/" + n.taken + "/clock"},
		{name: "open", path: "/open", then: then(calls("acme", "+33240112233"), see("#beside .rows"))},
		{name: "open-found", path: "/open", then: then(calls("", "0240"), see("#found .found"))},
		{name: "open-picked", path: "/open", then: then(calls("", "+33240112233"), see("#found .found"), click("#found button"), see("#f-contact-name[value^='Marc']"))},
		{name: "customers", path: "/customers"},
		{name: "customer", path: "/customers/acme"},
		{name: "contacts", path: "/contacts?customer=acme", then: then(unfold("#new"))},
		{name: "contacts-tried", path: "/contacts?customer=acme", then: then(tries("Nom;Courriel;Poste\nMarc;marc@acme.example;12\nNobody;not an address;7\n"), see(".flash.bad"))},
		{name: "contact", path: "/contacts/" + n.contact, then: then(unfold("#change"))},
		{name: "contact-gone", path: "/contacts/" + n.gone},
		{name: "open-refused", path: "/open?title=Kaputt&impact=many&phone=%2B33240112233&customer=acme", then: then(unfold(".qualify details"), click("button.main"), see(".flash.bad"))},
		{name: "qualified", path: "/tickets/" + n.said},
		{name: "edit", path: "/tickets/" + n.said + "/edit", then: then(unfold(".qualify details"))},
		{name: "oncall", path: "/oncall"},
		{name: "oncall-change", path: "/oncall/change?group=on-call&days=2026-11-24&last=2026-11-25"},
		{name: "drill", path: n.drill},
		{name: "people", path: "/people"},
		{name: "person", path: own},
		{name: "person-other", path: "/people/dominique"},
		{name: "person-invited", path: own, then: then(click("button[name=invite]"), see("svg.qr"))},
		{name: "sources", path: "/sources"},
		{name: "source", path: "/sources/prometheus?try=taken", then: then(unfold("details:has(pre)"))},
		{name: "source-refused", path: "/sources/bellac?try=refused", then: then(unfold("details:has(pre)"))},
		{name: "health", path: "/health"},
		{name: "walls", path: "/walls"},
		{name: "silences", path: "/silences"},
		{name: "planning", path: "/planning"},
		{name: "heartbeats", path: "/heartbeats"},
		{name: "heartbeats-made", path: "/heartbeats", then: then(
			chromedp.SendKeys(chromedp.CSS("input[name=name]"), "backup-of-"+who.person), click("button.main"), see(".card code"))},
		{name: "duty-report", path: "/duty-report"},
		{name: "duty-document", path: "/duty-report/" + who.person + "/2026-11"},
		{name: "audit", path: "/audit"},
		{name: "feeds", path: own + "/feeds"},
		{name: "feeds-made", path: own + "/feeds", then: then(click("button.main"), see(".warning"))},
		{name: "phone", path: "/phone"},
		{name: "phones", path: own + "/phone"},
		{name: "phones-code", path: own + "/phone", then: then(click("button[name=add]"), see("svg.qr"))},
		{name: "none", path: "/tickets/none"},
	}
}

// outside are the pages of who is not.
func (n *night) outside(who *reader) []view {
	return []view{
		{name: "sign-in", path: "/sign-in"},
		{name: "sign-in-refused", path: "/sign-in", then: []chromedp.Action[chromedp.Void]{
			chromedp.SendKeys(chromedp.CSS("#name"), "nobody"), chromedp.SendKeys(chromedp.CSS("#password"), "not the right one"),
			browsertest.Click("button.main"), browsertest.See(".flash.bad"),
		}},
		{name: "sign-in-forgotten", path: "/sign-in", then: []chromedp.Action[chromedp.Void]{unfold("details"), browsertest.See("#forgotten")}},
		{name: "sign-out", path: "/sign-out"},
		{name: "invite", path: who.invite},
		{name: "enrol", path: who.enrol},
		{name: "invite-used", path: "/invite/AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		{name: "wall", path: n.wall},
		{name: "offline", path: "/phone/offline"},
		{name: "link", path: who.link},
		{name: "link-sure", path: who.link + "?sure=resolve"},
		{name: "link-checked", path: who.link + "?done=recheck"},
		{name: "link-none", path: "/a/nothing"},
		{name: "bundle", path: who.bundle},
		{name: "bundle-sure", path: who.bundle + "?sure=escalate"},
		{name: "bundle-one", path: who.bundle + "?ticket=" + n.storm[0]},
	}
}

// screen is what a page is looked at on.
type screen struct {
	width, height int64
	theme         string
}

// screensOf are those that the pages of a language are looked at on. A plain run has each
// screen once: the narrow ones in French and Italian, whose words are the longest, and no
// colour hangs on the words. --long has all four in each language.
func screensOf(language string) []screen {
	all := []screen{{1440, 900, "dark"}, {390, 844, "light"}, {1440, 900, "light"}, {390, 844, "dark"}}
	switch {
	case everyScreen || os.Getenv(browsertest.Pictures) != "":
		return all
	case language == "en":
		return all[:1]
	case language == "fr":
		return all[1:3]
	}
	return all[3:]
}

// TestEveryPage opens every page in each language, and holds it on a phone and on a
// desk, in a light room and in a dark one: WCAG 2.2 AA, nothing cut off, nothing too
// small to press, nothing that a script or the policy complains of.
func TestEveryPage(t *testing.T) {
	n := newNight(t)
	browser := browsertest.Open(t)
	for _, who := range n.readers {
		t.Run(who.language, func(t *testing.T) {
			in, out := browser.Tab(t), browser.Tab(t)
			in.Cookie(n.at, cookieName, who.session)
			out.Language(who.language)
			for _, v := range n.inside(&who) {
				n.look(t, in, &who, v)
			}
			for _, v := range n.outside(&who) {
				n.look(t, out, &who, v)
			}
		})
	}
}

// look holds one page on every screen.
func (n *night) look(t *testing.T, tab *browsertest.Tab, who *reader, v view) {
	t.Helper()
	screens := screensOf(who.language)
	tab.Screen(screens[0].width, screens[0].height, screens[0].theme)
	tab.Open(n.at + v.path)
	tab.Do(v.name, v.then...)
	if got := tab.Eval(`document.documentElement.lang`); got != who.language {
		t.Errorf("%s is in %q", v.name, got)
	}
	for _, s := range screens {
		tab.Screen(s.width, s.height, s.theme)
		for _, flaw := range tab.Flaws() {
			t.Errorf("%s, %s, %d pixels, %s: %s", v.name, who.language, s.width, s.theme, flaw)
		}
		tab.Picture(fmt.Sprintf("%s-%s-%d-%s", v.name, who.language, s.width, s.theme))
	}
}

// noPages are paths of the reference's pages at which there is none to look at, or
// one that another path has.
var noPages = []string{"/{$}", "/assets/{hash}/{name}", "/open/beside", "/sw.js", "/manifest.webmanifest", "/icons/{name}", "/phone/pager.vcf", "/tickets/{number}/proof"}

// TestEveryPageIsLookedAt: each page of the console and of the phone that the
// reference has is one of those that are looked at.
func TestEveryPageIsLookedAt(t *testing.T) {
	n := &night{open: "I1", taken: "I2", over: "I3", said: "I5", storm: []string{"I4"}, wall: "/wall/TOKEN", drill: "/drills/1"}
	who := &reader{person: "alice", invite: "/invite/TOKEN", enrol: "/enrol/TOKEN", link: "/a/TOKEN", bundle: "/a/TOKEN"}
	looked := http.NewServeMux()
	var all []string
	for _, part := range []string{"pages", "phone"} {
		_, rest, _ := strings.Cut(reftest.Text(t), "<!-- "+part+":")
		block, _, _ := strings.Cut(rest, "<!-- end of "+part)
		for _, row := range regexp.MustCompile("(?m)^\\| `GET (/[^`]*)`").FindAllStringSubmatch(block, -1) {
			if !slices.Contains(noPages, row[1]) {
				all = append(all, row[1])
				looked.HandleFunc(row[1], func(http.ResponseWriter, *http.Request) {})
			}
		}
	}
	seen := map[string]bool{}
	for _, v := range slices.Concat(n.inside(who), n.outside(who)) {
		_, pattern := looked.Handler(httptest.NewRequest(http.MethodGet, v.path, http.NoBody))
		seen[pattern] = true
	}
	for _, path := range all {
		if !seen[path] {
			t.Errorf("nobody looks at %s: it belongs into inside or outside", path)
		}
	}
	if len(all) < 12 {
		t.Errorf("the reference has %q", all)
	}
}
