package look

import (
	"testing"
	"time"
)

// TestTimes: a time becomes an element wherever a sentence of a page has it, and
// stays text where none may stand. Nobody outside can make one.
func TestTimes(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	today, later := Moment(now, now, paris), Moment(now.Add(72*time.Hour), now, paris)
	const element = `<time datetime="2026-11-21T02:12:00Z" title="2026-11-21 02:12 UTC">03:12</time>`
	for _, c := range []struct{ page, want string }{
		{"<p>nothing</p>", "<p>nothing</p>"},
		{"<p>taken at " + today + ", so</p>", "<p>taken at " + element + ", so</p>"},
		{"<dd>" + today + " to " + later + "</dd>", "<dd>" + element + ` to <time datetime="2026-11-24T02:12:00Z" title="2026-11-24 02:12 UTC">24/11 03:12</time></dd>`},
		{`<button aria-label="Undo: ` + today + `">Undo ` + today + `</button>`, `<button aria-label="Undo: 03:12">Undo ` + element + `</button>`},
		{"<title>" + today + "</title><option value=1>" + today + "</option><textarea>" + today + "</textarea>", "<title>03:12</title><option value=1>03:12</option><textarea>03:12</textarea>"},
		{today, element},
		{"<p>" + markBegin + "x" + markSaid + "&lt;b&gt;" + markEnd + "</p>", "<p>x&lt;b&gt;</p>"},
		{"<p>" + markBegin + "2026-11-21T02:12:00Z" + markSaid + "<b>" + markEnd + today + "</p>", "<p>2026-11-21T02:12:00Z<b>" + element + "</p>"},
		{"<p>" + today[:len(today)-3] + "</p>", "<p>2026-11-21T02:12:00Z03:12</p>"},
	} {
		if got := string(Times([]byte(c.page))); got != c.want {
			t.Errorf("%q became\n%q, want\n%q", c.page, got, c.want)
		}
	}
}

// TestSaid: a date that is not today's is said, and its year where that is not plain.
func TestSaid(t *testing.T) {
	now := time.Date(2026, time.November, 21, 23, 30, 0, 0, time.UTC)
	for at, want := range map[time.Duration]string{
		0: "23:30", -23 * time.Hour: "00:30", time.Hour: "22/11 00:30", -24 * time.Hour: "20/11 23:30", -200 * 24 * time.Hour: "05/05/2026 23:30", 200 * 24 * time.Hour: "09/06/2027 23:30",
	} {
		if got := said(now.Add(at), now, time.UTC); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}
