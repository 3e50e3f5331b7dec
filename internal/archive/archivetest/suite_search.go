package archivetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

func titled(text string) func(t *ticket.Ticket) {
	return func(t *ticket.Ticket) { t.Title = text }
}

func words(b *bench) {
	b.put(titled("Imprimantes à l'étage: encre séchée"))
	b.put(titled("printer"), withSheet(`{"description":"La stampante non è più raggiungibile","symptoms":"Remplacé le câble réseau"}`))
	b.put(titled("srv-db-01.example.net HostDown"), noted("The cœur de réseau was rebooted; ask Łukasz"))
	b.put(titled("日本語 100% DÉCONNECTÉ"), withSheet(`{"synthesis":"Toner vide","restored":"Une page sort"}`))
	b.put(titled("Interconnexions vmware"), withSheet(`{"symptoms":"déconnectée-intercontinentalement"}`))
	b.put(titled("Intercommunale vm"), withSheet(`{"symptoms":"intercontinentale"}`))
	b.follow()
	for _, c := range []struct{ q, want string }{
		{"intercon", "5 6"},
		{"intercontine", "6 5"},
		{"intercontinen", "6 5"},
		{"intercontinentale", "6 5"},
		{"intercontinentalem", "5"},
		{"vmw", "5"},
		{"vm", "6"},
		{"v", ""},
		{"imprimante", "1"},
		{"IMPRIMANTE etage", "1"},
		{"étage imprimantes", "1"},
		{"séché", "1"},
		{"piu", "2"},
		{"più stampante", "2"},
		{"cable reseau", "2"},
		{"réseau", "3 2"},
		{"coeur", "3"},
		{"srv-db-01", "3"},
		{"example.net", "3"},
		{"hostdown", "3"},
		{"host", "3"},
		{"deconnecte", "4 5"},
		{"日本語", "4"},
		{"toner sort", "4"},
		{storetest.Prefix + "0002", "2"},
		{"0003", "3"},
		{"imprimante stampante", ""},
		{`"*) OR (`, ""},
		{"!!", ""},
		{"' & | ! :Q", ""},
		{"NOT", ""},
	} {
		b.finds(c.q, ticket.Search{Query: ticket.Query{Text: c.q}}, c.want)
	}
}

func wordsChanged(b *bench) {
	was := b.put(titled("first words"))
	b.follow()
	b.edit(was, titled("second"), noted("a remark"))
	b.follow()
	b.finds("what it said", ticket.Search{Query: ticket.Query{Text: "first"}}, "")
	b.finds("what it says", ticket.Search{Query: ticket.Query{Text: "second remark"}}, "1")
}

func bestFirst(b *bench) {
	b.put(titled("router"))
	b.put(titled("switch"), noted("not the router"))
	b.put(titled("router again"))
	b.put(titled("printer"), noted("the router, really; as "+storetest.Prefix+"0001"))
	b.follow()
	b.finds("titles first, the newest first", ticket.Search{Query: ticket.Query{Text: "router"}}, "3 1 4 2")
	b.finds("the number first", ticket.Search{Query: ticket.Query{Text: strings.ToLower(storetest.Prefix) + "0001"}}, "1 4")
	b.finds("in another order", ticket.Search{Query: ticket.Query{Text: "router"}, Sort: ticket.SortOpened}, "4 3 2 1")
	b.inParts("router", "3 1 4 2")
	b.put(titled("the router of Lyon is down"))
	b.put(titled("printer"), noted("of Lyon; the router is down"))
	b.put(titled("down: router, Lyon"))
	b.put(titled("Lyon"), noted("down, that router"))
	b.follow()
	b.inParts("lyon router down", "7 5 8 6")
	b.inParts("router down", "7 5 8 6")
	b.put(titled("number "+storetest.Prefix+"0007"), noted("again"))
	b.follow()
	b.inParts(storetest.Prefix+"0007 again", "9")
	b.inParts("not-0007", "")
}

// inParts has words find these, in this order, however many are asked for at a time.
func (b *bench) inParts(text, want string) {
	b.Helper()
	for limit := 1; limit <= 5; limit++ {
		var got []string
		for cursor := ""; ; {
			l, err := b.a.Search(b.ctx, ticket.Everything(), &ticket.Search{Query: ticket.Query{Text: text, Limit: limit, Cursor: cursor}}, nil)
			b.ok(err)
			if len(l.Tickets) > 0 {
				got = append(got, short(l.Tickets))
			}
			if cursor = l.Next; cursor == "" {
				break
			}
		}
		if strings.Join(got, " ") != want {
			b.Errorf("%q, %d at a time: %q, want %q", text, limit, got, want)
		}
	}
}

// world puts tickets of all sorts.
func (b *bench) world(r *rand.Rand, n int) (views []ticket.Changed) {
	b.Helper()
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for range n {
		sheet := fmt.Sprintf(`{"origin":%q,"category":%q,"equipment":%q,"billable":%q,"contact":{"id":%q,"email":%q},"beneficiary":{"phone":%q}}`,
			pick("mail", "hand"), pick("network", "printing"), pick("r1", "r2", ""), pick("yes", "no", ""), pick("c1", "c2", ""), pick("ada@acme.example", ""), pick("+33240112233", "02 40 11 22 33", ""))
		b.put(func(t *ticket.Ticket) {
			t.Customer, t.Site, t.Assignee = pick("acme", "globex", ""), pick("Givrand", "Nantes"), pick("alice", "bob", "")
			t.Place.Group, t.Place.Tier = pick("network", "systems", ""), ticket.Tier(pick("", "L2", "L3"))
			t.Kind = ticket.Kind(pick("incident", "request"))
			t.Urgency = ticket.Urgencies()[r.IntN(4)]
			t.State = ticket.State(pick("open", "acknowledged", "in_progress", "resolved", "closed"))
			t.Title = pick("router down", "printer", "slow VPN")
			t.UpdatedAt = storetest.At(time.Duration(r.IntN(600)) * time.Second)
			if r.IntN(2) == 0 {
				t.GTI = ticket.GTI{Within: time.Hour, DueAt: storetest.At(time.Duration(r.IntN(600)) * time.Second)}
				if r.IntN(4) == 0 { // it rests
					t.GTI.DueAt = time.Time{}
				}
			}
			if r.IntN(3) == 0 {
				t.Clocks = []ticket.Clock{{Kind: ticket.ClockNews, GTI: ticket.GTI{Within: time.Hour, DueAt: storetest.At(time.Duration(r.IntN(600)) * time.Second)}, Missed: r.IntN(8) / 7}}
			}
			if t.State == ticket.InProgress {
				t.PickedUpAt = storetest.At(time.Duration(r.IntN(600)) * time.Second)
			}
			if !t.State.Active() {
				t.ResolvedAt = storetest.At(time.Duration(r.IntN(600)) * time.Second)
			}
			if t.State == ticket.Closed {
				t.ClosedAt = storetest.At(600 * time.Second)
			}
		}, withSheet(sheet))
	}
	lanes, err := b.s.Changes(b.ctx, ticket.Since{Most: 10 * n})
	b.ok(err)
	return lanes[0].Changes
}

// anything is any search.
func anything(r *rand.Rand) (s ticket.Search) {
	maybe := func(of ...string) string {
		if r.IntN(4) > 0 {
			return ""
		}
		return of[r.IntN(len(of))]
	}
	at := func() time.Time {
		if r.IntN(4) > 0 {
			return time.Time{}
		}
		return storetest.At(time.Duration(r.IntN(100)) * time.Second)
	}
	s.Customer, s.Site, s.Assignee = maybe("acme", "globex"), maybe("Givrand"), maybe("alice")
	s.Group, s.Tier = maybe("network"), maybe("L1", "L2")
	s.Kind, s.Origin, s.Category, s.Equipment = ticket.Kind(maybe("incident", "request")), maybe("mail"), maybe("network"), maybe("r1")
	s.Since, s.Until, s.DueBefore = at(), at(), at()
	s.Contact, s.Email, s.Phone = maybe("c1"), maybe("Ada@acme.example"), maybe("0240112233")
	s.Clock = ticket.GTIState(maybe("met", "missed", "running", "none"))
	s.ResolvedSince, s.ResolvedUntil = at(), at()
	s.Unassigned, s.Now = r.IntN(8) == 0, storetest.At(300*time.Second)
	yes, no := true, false
	s.Billable = []*bool{nil, nil, nil, &yes, &no}[r.IntN(5)]
	s.Breached = []*bool{nil, nil, nil, &yes, &no}[r.IntN(5)]
	for _, state := range []ticket.State{"open", "acknowledged", "in_progress", "resolved", "closed"} {
		if r.IntN(4) == 0 {
			s.States = append(s.States, state)
		}
	}
	if r.IntN(4) == 0 {
		s.Urgencies = []ticket.Urgency{ticket.Critical, ticket.Low}
	}
	s.Text = maybe("router", "printer", "down")
	s.Sort = append(ticket.Sorts(), ticket.SortDefault)[r.IntN(5)]
	s.Limit = 1 + r.IntN(20)
	return s
}

// filters compares what the database selects with what the same search selects
// of tickets that are not copied: two programs that must agree.
func filters(b *bench) {
	r := rand.New(rand.NewPCG(1, 2))
	all := b.world(r, 120)
	empty := b.openAt(b.other())
	b.ok(empty.Check(b.ctx))
	b.follow()
	some := 0
	for range 250 {
		s := anything(r)
		got, want := b.every(b.a, s, nil), b.every(empty, s, all)
		if got != want {
			b.Fatalf("%+v\n the database finds %q\n the program finds  %q", s, got, want)
		}
		if got != "" {
			some++
		}
	}
	if some < 50 {
		b.Errorf("only %d searches found something", some)
	}
	for i := range all {
		t := &all[i].View.Ticket
		for _, s := range []ticket.Search{{Group: t.Place.Group}, {Tier: string(t.Place.Tier.Known())}} {
			s.Limit = 200
			l, err := b.a.Search(b.ctx, ticket.Everything(), &s, nil)
			b.ok(err)
			for j := range l.Tickets {
				if p := &l.Tickets[j].Place; s.Group != "" && p.Group != s.Group || s.Tier != "" && string(p.Tier.Known()) != s.Tier {
					b.Errorf("%q of tier %q is listed for %q, %q", p.Group, p.Tier, s.Group, s.Tier)
				}
			}
			if has := slices.ContainsFunc(l.Tickets, func(found ticket.Ticket) bool { return found.Number == t.Number }); !has {
				b.Errorf("%s is not listed for %q, %q", t.Number, s.Group, s.Tier)
			}
		}
	}
}

// every is all that a search finds, part by part.
func (b *bench) every(a *archive.Archive, s ticket.Search, recent []ticket.Changed) string {
	b.Helper()
	var parts []string
	for {
		l, err := a.Search(b.ctx, ticket.Everything(), &s, recent)
		b.ok(err)
		parts = append(parts, strings.Fields(short(l.Tickets))...)
		if s.Cursor = l.Next; s.Cursor == "" {
			return strings.Join(parts, " ")
		}
	}
}

func orders(b *bench) {
	r := rand.New(rand.NewPCG(3, 4))
	b.world(r, 60)
	b.follow()
	keys := map[ticket.Sort]func(t *ticket.Ticket) int64{
		ticket.SortOpened:  func(t *ticket.Ticket) int64 { return -t.OpenedAt.UnixMicro() },
		ticket.SortUpdated: func(t *ticket.Ticket) int64 { return -t.UpdatedAt.UnixMicro() },
		ticket.SortDue:     func(t *ticket.Ticket) int64 { return t.GTI.DueAt.UnixMicro() },
		ticket.SortUrgency: func(t *ticket.Ticket) int64 { return -int64(t.Urgency) },
	}
	for _, sort := range ticket.Sorts() {
		l, err := b.a.Search(b.ctx, ticket.Everything(), &ticket.Search{Query: ticket.Query{Limit: 100}, Sort: sort}, nil)
		b.ok(err)
		if len(l.Tickets) < 10 {
			b.Errorf("%s: %d tickets", sort, len(l.Tickets))
		}
		if !slices.IsSortedFunc(l.Tickets, func(x, y ticket.Ticket) int { return int(keys[sort](&x) - keys[sort](&y)) }) {
			b.Errorf("%s: another order", sort)
		}
	}
}

func cursorHolds(b *bench) {
	for range 10 {
		b.put(nil)
	}
	b.follow()
	s := ticket.Search{Query: ticket.Query{Limit: 4}}
	var got []string
	for {
		l, err := b.a.Search(b.ctx, ticket.Everything(), &s, nil)
		b.ok(err)
		got = append(got, short(l.Tickets))
		if s.Cursor = l.Next; s.Cursor == "" {
			break
		}
		b.put(nil) // newer
		b.edit(b.load(storetest.Prefix+"0001"), titled("changed"))
		b.follow()
	}
	if want := "10 9 8 7 6 5 4 3 2 1"; strings.Join(got, " ") != want {
		b.Errorf("listed %q, want %q", got, want)
	}
}

func recent(b *bench) {
	r := rand.New(rand.NewPCG(5, 6))
	b.world(r, 40)
	b.follow()
	at, err := b.a.Positions(b.ctx)
	b.ok(err)
	for i := 1; i <= 40; i += 3 {
		b.edit(b.load(fmt.Sprintf("%s%04d", storetest.Prefix, i)), func(t *ticket.Ticket) {
			t.Title, t.Assignee, t.UpdatedAt = "printer", "alice", storetest.At(700*time.Second)
		})
	}
	b.world(r, 10)
	lanes, err := b.s.Changes(b.ctx, ticket.Since{After: at, Most: 1000})
	b.ok(err)
	var searches []ticket.Search
	var before []string
	for range 60 {
		s := anything(r)
		searches, before = append(searches, s), append(before, b.every(b.a, s, lanes[0].Changes))
	}
	b.follow()
	for i, s := range searches {
		if got := b.every(b.a, s, nil); got != before[i] {
			b.Fatalf("%+v\n copied, it finds     %q\n before, it found     %q", s, got, before[i])
		}
	}
}

func scopes(b *bench) {
	r := rand.New(rand.NewPCG(7, 8))
	all := b.world(r, 40)
	b.follow()
	s := ticket.Search{Query: ticket.Query{Limit: 100}}
	var none ticket.Scope
	if _, err := b.a.Search(b.ctx, none, &s, nil); !errors.Is(err, archive.ErrScope) {
		b.Errorf("a list without a scope: %v", err)
	}
	if _, err := b.a.View(b.ctx, none, all[0].Number); !errors.Is(err, archive.ErrScope) {
		b.Errorf("a ticket without a scope: %v", err)
	}
	for _, customers := range [][]string{{}, {"acme"}, {"acme", "globex"}, {""}} {
		scope := ticket.Limited("", customers...)
		covered := 0
		for i := range all {
			t := &all[i].View.Ticket
			_, err := b.a.View(b.ctx, scope, t.Number)
			if scope.SeesCustomer(t.Customer) {
				covered++
			}
			if scope.SeesCustomer(t.Customer) != (err == nil) {
				b.Errorf("%s of %q, for %q: %v", t.Number, t.Customer, customers, err)
			}
		}
		for _, recent := range [][]ticket.Changed{nil, all} {
			for _, text := range []string{"", "router", "printer"} {
				s.Text = text
				l, err := b.a.Search(b.ctx, scope, &s, recent)
				b.ok(err)
				for i := range l.Tickets {
					if !slices.Contains(customers, l.Tickets[i].Customer) || l.Tickets[i].Customer == "" {
						b.Errorf("for %q: %q is listed", customers, l.Tickets[i].Customer)
					}
				}
				if text == "" && len(l.Tickets) != covered {
					b.Errorf("for %q: %d are listed, want %d", customers, len(l.Tickets), covered)
				}
			}
		}
	}
}
