package words

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReplies(t *testing.T) {
	f := exampleFacts()
	at, due := f.Now.Add(2*time.Minute), f.GTIDue
	r := func(lang string) Replies { return Replies{Lang: lang, Location: f.Location, Now: at} }
	one := []Listed{{Code: 12, Customer: "Acme", Site: "Givrand", Title: "srv-db-01 HostDown"}}
	two := append(slices.Clone(one), Listed{Code: 13, Customer: "Ateliers Bellac", Title: "web DiskFull", Taken: true})
	for _, c := range []struct{ got, want string }{
		{r("fr").Acknowledged(12, at, due), "12 PRIS 03:14. La GTI (04:12) court: 12 GO en commencant"},
		{r("en").Acknowledged(12, at, due), "12 TAKEN 03:14. The GTI (04:12) runs: 12 GO when you start"},
		{r("it").Acknowledged(12, at, due), "12 PRESO 03:14. La GTI (04:12) corre: 12 GO quando inizi"},
		{r("fr").Acknowledged(12, at, time.Time{}), "12 PRIS 03:14. 12 GO en commencant"},
		{r("fr").Acknowledged(12, at, f.Now), "12 PRIS 03:14. La GTI (03:12) est depassee: 12 GO en commencant"},
		{r("fr").AcknowledgedGoing(12, at, due), "12 PRIS, EN COURS 03:14. GTI (04:12) tenue. 12 FIN a la fin"},
		{r("en").PickedUp(12, at, due), "12 STARTED 03:14. GTI (04:12) met. 12 DONE when it is"},
		{r("en").PickedUp(12, at, f.Now), "12 STARTED 03:14. GTI (03:12) missed. 12 DONE when it is"},
		{r("en").PickedUp(12, at, time.Time{}), "12 STARTED 03:14. 12 DONE when it is"},
		{r("fr").TakenBy("12", "Chloé Durand", at), "12 deja pris par Chloé Durand 03:14. Rien n'a change"},
		{r("en").Yours(12, at, false), "12 is yours since 03:14. 12 GO when you start"},
		{r("en").Yours(12, at, true), "12 is yours, started 03:14. 12 DONE when it is"},
		{r("fr").Resolved(12, at, 5*time.Minute), "12 TERMINE 03:14. Par erreur? 12 UNDO dans les 5 min"},
		{r("en").Undone(12, true), "12 is no longer done, all is as before"},
		{r("fr").Undone(12, false), "12 n'est plus termine. 12 n'est PAS pris: 12 OK"},
		{r("en").UndoLate(12), "12 UNDO is too late: 12 stays done"},
		{r("en").Over("I261121_0001", "", at), "I261121_0001 was done 03:14 already. Nothing changed"},
		{r("en").Over("12", "Alice", at.AddDate(0, 0, -1)), "12 was done 20/11 03:14 already by Alice. Nothing changed"},
		{r("fr").Escalated(12, []string{"Bruno Petit", "Dominique Roy"}), "12 PASSE. Appeles: Bruno Petit, Dominique Roy"},
		{r("en").Escalated(12, nil), "12: nobody else to page, the reminders go on"},
		{r("fr").Noted(12, true), "12: note ajoutee"},
		{r("fr").Noted(12, false), "Note ajoutee. 12 n'est PAS pris: 12 OK"},
		{r("fr").ManyNotes(12), "12: note NON gardee, ce ticket en a deja 100"},
		{r("it").ManyNotes(12), "12: nota NON conservata, il ticket ne ha gia 100"},
		{r("en").Heard(12, f.Now, at, 14), "12: firing since 03:12, seen 14 times, last 03:14"},
		{r("en").Heard(12, f.Now, at, 0), "12: the source cannot be asked yet"},
		{r("fr").ByToken("Alice Martin", one[0], at, due), "PRIS 03:14 au nom de Alice Martin, GTI 04:12: 12 Acme/Givrand srv-db-01 HostDown"},
		{r("en").Open(nil), "Nothing is open for this phone"},
		{r("en").Open(two), "OPEN:\n12 Acme/Givrand srv-db-01 HostDown\n13 Ateliers Bellac web DiskFull (taken)"},
		{r("fr").Several(two), "RIEN n'est pris. Lequel?\n12 Acme/Givrand srv-db-01 HostDown\n13 Ateliers Bellac web DiskFull (pris)\n12 OK, ou TOUT"},
		{r("en").AllAcknowledged([]int{12, 13}, at), "2 TAKEN 03:14: 12, 13. CODE GO when you start"},
		{r("en").NoCode(99), "No 99 is open for this phone. ? = what is open"},
		{r("en").Later(), "NOT RECORDED, trouble on our side. Send it again shortly, or open the link"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestRepliesFit(t *testing.T) {
	f := exampleFacts()
	long := strings.Repeat("Très Long ", 40)
	var many []Listed
	var codes []int
	var names []string
	for i := range 30 {
		many = append(many, Listed{Code: 9970 + i, Customer: long, Site: long, Title: long, Taken: i%2 == 0})
		codes, names = append(codes, 9970+i), append(names, long)
	}
	for _, lang := range []string{"fr", "en", "it"} {
		r := Replies{Lang: lang, Location: f.Location, Now: f.Now.AddDate(1, 0, 0)}
		at, due := f.Now, f.GTIDue
		for i, s := range []string{
			r.Acknowledged(9999, at, due), r.Acknowledged(9999, due.Add(1), due), r.AcknowledgedGoing(9999, at, due),
			r.PickedUp(9999, due.Add(1), due), r.TakenBy("I261121_0001", long, at), r.Yours(9999, at, true), r.Yours(9999, at, false),
			r.Resolved(9999, at, 5*time.Minute), r.Undone(9999, true), r.Undone(9999, false), r.UndoLate(9999), r.ManyNotes(9999), r.ManyActs(9999), r.Snoozed(9999, at),
			r.Over("I261121_0001", long, at), r.Escalated(9999, names), r.Escalated(9999, nil), r.Noted(9999, true), r.Noted(9999, false),
			r.Heard(9999, at, due, 1e12), r.Heard(9999, at, due, 0), r.ByToken(long, many[0], at, due), r.Open(many), r.Open(many[:1]),
			r.Several(many), r.AllAcknowledged(codes, at), r.NoCode(9999), r.Help(0), r.Help(9999), r.Misread(0), r.Misread(9999), r.Stale(9999, at), r.Enough(10 * time.Minute), r.Later(),
		} {
			n, ok := Septets(s)
			if !ok || n > GsmSingle || n == 0 || strings.ContainsAny(s, "{}") {
				t.Errorf("%s %d: %d septets, %v: %q", lang, i, n, ok, s)
			}
			if n == GsmSingle && strings.HasSuffix(s, "..") && !strings.HasSuffix(s, "Trè..") && !strings.HasSuffix(s, "Lon..") { // an alert's name may end so
				t.Errorf("%s %d: cut at its end: %q", lang, i, s)
			}
		}
		if s := r.Several(many); !strings.HasSuffix(s, "9970 OK"+strings.TrimPrefix(phrasesIn(lang).Choose, "{code} OK")) || !strings.Contains(s, "\n+") {
			t.Errorf("%s: %q", lang, s)
		}
	}
}
