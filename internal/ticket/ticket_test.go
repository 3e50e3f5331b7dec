package ticket

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var opened = time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)

func TestUrgencyIsWrittenByName(t *testing.T) {
	for _, u := range append(Urgencies(), UrgencyUnknown) {
		text, err := json.Marshal(struct{ U Urgency }{u})
		if err != nil {
			t.Fatal(err)
		}
		var back struct{ U Urgency }
		if err := json.Unmarshal(text, &back); err != nil || back.U != u {
			t.Errorf("%s came back as %v, %v", text, back.U, err)
		}
	}
	if Critical <= Major || Major <= Minor || Minor <= Low || Low <= UrgencyUnknown {
		t.Error("a worse urgency is not a higher one")
	}
	var u Urgency
	if err := u.UnmarshalText([]byte("huge")); err == nil {
		t.Error("an urgency that does not exist was read")
	}
}

func TestTitleIsWhatAndWhere(t *testing.T) {
	tests := []struct {
		name                string
		labels, annotations map[string]string
		want                string
	}{
		{"instance and name", map[string]string{"instance": "srv-db-01", "alertname": "HostDown"}, nil, "srv-db-01 HostDown"},
		{"host and name", map[string]string{"host": "srv-db-01", "alertname": "HostDown"}, map[string]string{"summary": "no"}, "srv-db-01 HostDown"},
		{"the summary where one is missing", map[string]string{"alertname": "HostDown"}, map[string]string{"summary": "It is down"}, "It is down"},
		{"the name alone", map[string]string{"alertname": "HostDown"}, nil, "HostDown"},
		{"the description", nil, map[string]string{"description": "It is down"}, "It is down"},
		{"any labels", map[string]string{"b": "2", "a": "1"}, nil, "a=1 b=2"},
		{"nothing at all", nil, nil, "f1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Alert{Fingerprint: "f1", Labels: tt.labels, Annotations: tt.annotations}
			if got := a.Title(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPageKeyComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[\p{L}0-9_.-]{1,20}`)
		k := PageKey{
			Ticket: name.Draw(t, "ticket"), Episode: rapid.IntRange(1, 99).Draw(t, "episode"),
			Round:  KeyRound{N: rapid.IntRange(0, 999).Draw(t, "round"), Again: rapid.Bool().Draw(t, "again")},
			Person: name.Draw(t, "person"), Channel: name.Draw(t, "channel"),
		}
		k.Step.Kind = KeyKind(rapid.IntRange(0, int(ForNews)).Draw(t, "kind"))
		if k.Step.Kind == ForStep {
			k.Step.N = rapid.IntRange(0, 9).Draw(t, "step")
		}
		back, err := ParsePageKey(k.String())
		if err != nil || back != k {
			t.Fatalf("%v came back as %v, %v", k, back, err)
		}
	})
	for _, bad := range []string{"", "a/b", "I1/x/0/0/alice/sms", "I1/1/0/0/alice/sms/more"} {
		if _, err := ParsePageKey(bad); err == nil {
			t.Errorf("%q was read as a key", bad)
		}
	}
}

func TestWantedFor(t *testing.T) {
	tests := []struct {
		kind PageKind
		want []State
	}{
		{KindPage, []State{Open}},
		{KindJoined, []State{Acknowledged, InProgress}},
		{KindTaken, []State{Acknowledged, InProgress}},
		{KindRecovered, []State{StateResolved, Closed}},
		{"odd", nil},
	}
	for _, tt := range tests {
		for _, s := range []State{Open, Acknowledged, InProgress, StateResolved, Closed} {
			p := Page{PageKey: PageKey{Episode: 2}, Kind: tt.kind}
			want := false
			for _, w := range tt.want {
				want = want || w == s
			}
			if p.WantedFor(s, 2) != want {
				t.Errorf("%s while %s: %v", tt.kind, s, !want)
			}
			if p.WantedFor(s, 3) {
				t.Errorf("%s is wanted in a later episode", tt.kind)
			}
		}
	}
}

func TestReceiptsNeverMoveAPageBackwards(t *testing.T) {
	order := [][]PageState{{PageQueued}, {PageSending}, {PageUnknown, PageCancelled}, {PageSent, PageBundled}, {PageDelivered, PageUndelivered, PageFailed}}
	for i, from := range order {
		for j, to := range order {
			for _, f := range from {
				for _, n := range to {
					if f.Later(n) != (j > i) {
						t.Errorf("%s to %s: %v", f, n, f.Later(n))
					}
				}
			}
		}
	}
	if PageSent.Later("odd") {
		t.Error("a state that does not exist is later")
	}
}

func TestGTIClock(t *testing.T) {
	due := opened.Add(time.Hour)
	tests := []struct {
		name               string
		due                time.Time
		pickedUp, resolved time.Time
		now                time.Time
		want               GTIState
	}{
		{"nothing promised", time.Time{}, time.Time{}, time.Time{}, due, GTINone},
		{"running", due, time.Time{}, time.Time{}, due, GTIRunning},
		{"passed", due, time.Time{}, time.Time{}, due.Add(time.Nanosecond), GTIMissed},
		{"picked up on the dot", due, due, time.Time{}, due.Add(time.Hour), GTIMet},
		{"picked up late", due, due.Add(time.Second), time.Time{}, due.Add(time.Hour), GTIMissed},
		{"over before anybody came", due, time.Time{}, due.Add(-time.Minute), due.Add(time.Hour), GTIMet},
		{"over late", due, time.Time{}, due.Add(time.Minute), due.Add(time.Hour), GTIMissed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tk := Ticket{GTI: GTI{DueAt: tt.due}, PickedUpAt: tt.pickedUp, ResolvedAt: tt.resolved}
			if got := tk.GTIState(tt.now); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPaces(t *testing.T) {
	s := Step{Repeat: []Pace{{Every: time.Minute, For: 10 * time.Minute}, {Every: 5 * time.Minute, For: time.Hour}, {Every: time.Hour}}}
	for since, want := range map[time.Duration]time.Duration{
		0: time.Minute, 10*time.Minute - 1: time.Minute, 10 * time.Minute: 5 * time.Minute,
		70*time.Minute - 1: 5 * time.Minute, 70 * time.Minute: time.Hour, 1000 * time.Hour: time.Hour,
	} {
		if got := s.Every(since); got != want {
			t.Errorf("after %s: every %s, want %s", since, got, want)
		}
	}
	ends := Step{Repeat: []Pace{{Every: time.Minute, For: time.Minute}}}
	if got := ends.Every(time.Hour); got != time.Minute {
		t.Errorf("the last pace goes on: %s", got)
	}
	if got := (&Step{}).Every(0); got != DefaultRepeat {
		t.Errorf("nothing said: %s", got)
	}
}

func TestNextDeadline(t *testing.T) {
	at := func(m int) time.Time { return opened.Add(time.Duration(m) * time.Minute) }
	steps := []Step{{}, {After: 15 * time.Minute}}
	tests := []struct {
		name string
		t    Ticket
		want time.Time
	}{
		{"the next round", Ticket{State: Open, Policy: Policy{Steps: steps}, Progress: Progress{Began: opened, Steps: []StepRun{{Started: opened, Next: at(3)}, {}}}}, at(3)},
		{"the next step", Ticket{State: Open, Policy: Policy{Steps: steps}, Progress: Progress{Began: opened, Steps: []StepRun{{Started: opened, Next: at(18)}, {}}}}, at(15)},
		{"a stopped step has none", Ticket{State: Open, Policy: Policy{Steps: steps}, Progress: Progress{Began: opened, Steps: []StepRun{{Started: opened, Stopped: true}, {Started: at(15), Next: at(18)}}}}, at(18)},
		{"the last resort", Ticket{State: Open, Policy: Policy{Steps: steps[:1]}, Progress: Progress{Began: opened, Steps: []StepRun{{Started: opened, Next: at(6)}}, Everybody: &StepRun{Next: at(4)}}}, at(4)},
		{"an acknowledgement ends", Ticket{State: Acknowledged, Progress: Progress{AckUntil: at(45), Steps: []StepRun{{Next: at(3)}}}}, at(45)},
		{"a silent one too", Ticket{State: InProgress, Progress: Progress{AckUntil: at(45), SilentUntil: at(5)}}, at(5)},
		{"it closes", Ticket{State: StateResolved, Progress: Progress{CloseAt: at(99), AckUntil: at(45)}}, at(99)},
		{"closed is for good", Ticket{State: Closed, Progress: Progress{CloseAt: at(99)}}, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.t.NextDeadline(); !got.Equal(tt.want) {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestQueryMatches(t *testing.T) {
	tk := Ticket{Number: "I261121_0001", State: Open, Urgency: Major, Customer: "acme", Assignee: "alice", Site: "Givrand", Title: "srv-db-01 HostDown", OpenedAt: opened}
	tests := []struct {
		name string
		q    Query
		want bool
	}{
		{"all", Query{}, true},
		{"one of the states", Query{States: []State{Closed, Open}}, true},
		{"none of them", Query{States: []State{Closed}}, false},
		{"urgency", Query{Urgencies: []Urgency{Critical}}, false},
		{"customer", Query{Customer: "bellac"}, false},
		{"source", Query{Source: "zabbix"}, false},
		{"assignee", Query{Assignee: "alice"}, true},
		{"since, to the instant", Query{Since: opened}, true},
		{"until, to the instant", Query{Until: opened}, false},
		{"a word of the title", Query{Text: "hostdown"}, true},
		{"the site", Query{Text: "givr"}, true},
		{"another word", Query{Text: "disk"}, false},
	}
	if (&Query{}).Matches(&tk) {
		t.Error("a query of nobody matches")
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Scope = Everything()
			if tt.q.Matches(&tk) != tt.want {
				t.Errorf("matches: %v", !tt.want)
			}
		})
	}
}

func TestActors(t *testing.T) {
	var nobody *Actor
	token := &Actor{Kind: ActorToken, Name: "ops"}
	if nobody.String() != "" || nobody.Person() != "" || token.Person() != "" || token.String() != "ops" || (&Actor{Kind: ActorPerson, Name: "alice"}).Person() != "alice" {
		t.Error("an actor is not who it says")
	}
}

func TestAnOccurrenceCannotEndBeforeItBegan(t *testing.T) {
	at := func(seconds int) time.Time { return opened.Add(time.Duration(seconds) * time.Second) }
	var none time.Time
	tests := []struct {
		name                       string
		began, heard, starts, ends time.Time
		want                       bool
	}{
		{"an earlier occurrence", at(-30), at(-20), at(-600), at(-300), true},
		{"the same", at(-30), at(-20), at(-30), at(-10), false},
		{"the same, its end is nonsense", at(-30), at(-20), at(-30), at(-300), false},
		{"another sender began to see it earlier", at(-30), at(-20), at(-600), at(-10), false},
		{"it ended when this one began", at(-30), at(-20), at(-600), at(-30), false},
		{"a later one", at(-30), at(-20), at(-10), at(-5), false},
		{"of no begin", at(-30), at(-20), none, at(-300), false},
		{"of no end", at(-30), at(-20), at(-600), none, false},
		{"of no begin that is known", none, at(-20), at(-600), at(-300), false},
		{"the sender's clock was ahead, and is right now", at(3600), at(0), at(0), at(60), false},
		{"its clock is far ahead, and this is stale", at(3600), at(0), at(-600), at(-300), true},
		{"its clock is a little ahead, and this is stale", at(20), at(0), at(-600), at(5), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := AlertRecord{Alert: Alert{Status: Firing, StartsAt: tt.began}, LastAt: tt.heard}
			if got := r.Outlives(&Alert{Status: Resolved, StartsAt: tt.starts, EndsAt: tt.ends}); got != tt.want {
				t.Errorf("outlives it: %v, want %v", got, tt.want)
			}
			if r.Outlives(&Alert{Status: Firing, StartsAt: tt.starts, EndsAt: tt.ends}) {
				t.Error("what fires ended something")
			}
		})
	}
}
