package words

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRepliesOfDuty(t *testing.T) {
	f := exampleFacts()
	until := f.Now.Add(8 * time.Hour)
	r := func(lang string) Replies { return Replies{Lang: lang, Location: f.Location, Now: f.Now} }
	one := []OnDuty{{Group: "on-call", People: []string{"Alice Martin"}, Until: until}}
	two := slices.Concat(one, []OnDuty{{Group: "night", Until: until.AddDate(0, 0, 1)}, {Group: "managers", People: []string{"Dominique Roy", "Chloé Durand"}}})
	for _, c := range []struct{ got, want string }{
		{r("fr").Duty(one), "on-call: Alice Martin jusqu'a 11:12\nGARDE 8h = vous prenez la garde"},
		{r("en").Duty(two), "1 on-call: Alice Martin until 11:12\n2 night: NOBODY until 22/11 11:12\n3 managers: Dominique Roy, Chloé Durand\nDUTY 1 8h = you take over"},
		{r("it").DutyTook("on-call", until), "on-call: LEI e' reperibile fino a 11:12. TURNO 0 per restituirlo"},
		{r("fr").DutyGave(one), "Rendue. on-call: Alice Martin jusqu'a 11:12"},
		{r("en").DutyNoGroup(3), "NOTHING changed: there is no group 3. DUTY lists yours"},
		{r("fr").DutyWrong(72), "RIEN n'a change. GARDE = qui est d'astreinte, GARDE 8h = vous la prenez (1h a 72h), GARDE 0 = la rendre"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestRepliesOfDutyFit(t *testing.T) {
	f := exampleFacts()
	long := strings.Repeat("Très Long ", 40)
	var many []OnDuty
	for range 30 {
		many = append(many, OnDuty{Group: long, People: []string{long, long, long}, Until: f.GTIDue})
	}
	for _, lang := range []string{"fr", "en", "it"} {
		r := Replies{Lang: lang, Location: f.Location, Now: f.Now.AddDate(1, 0, 0)}
		for i, s := range []string{
			r.Duty(many), r.Duty(many[:1]), r.Duty(many[:2]), r.DutyWhich(many), r.DutyTook(long, f.Now), r.DutyGave(many), r.DutyGave(many[:1]), r.DutyNothing(many),
			r.DutyNothing(many[:1]), r.DutyNoGroup(9999), r.DutyNoneOf(), r.DutyShared(), r.DutyWrong(72),
		} {
			if n, ok := Septets(s); !ok || n > GsmSingle || n == 0 || strings.ContainsAny(s, "{}") {
				t.Errorf("%s %d: %d septets, %v: %q", lang, i, n, ok, s)
			}
		}
	}
}
