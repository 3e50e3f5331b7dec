package archive_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// How many tickets the benchmark looks through. The figures that are promised
// are at 200,000 and 10,000:
//
//	go test ./internal/archive -run '^$' -bench Lists -benchtime 200x -timeout 60m
//
// Filling takes minutes. With -at it is done once, and the database stays for the next
// run: -at sqlite:/tmp/lists.db, or -at postgres://USER@HOST/AN_EMPTY_DATABASE.
var (
	benchAt     = flag.String("at", "", "BenchmarkLists: the `ADDRESS` of a database that stays; empty: a new one of each kind")
	benchClosed = flag.Int("closed", 200_000, "BenchmarkLists: closed tickets")
	benchOpen   = flag.Int("open", 10_000, "BenchmarkLists: open tickets")
)

// Words as a desk of this trade writes them, most often the first ones.
var benchWords = strings.Fields(`réseau serveur imprimante panne poste utilisateur accès connexion écran lenteur messagerie
	sauvegarde disque mise jour compte mot passe application caisse magasin site borne wifi routeur commutateur pare-feu
	téléphone souris clavier licence antivirus certificat domaine partage dossier fichier tableur onduleur climatisation
	stampante rete guasto utente accesso schermo posta servizio lento aggiornamento printer network outage user access screen
	mail service slow update backup disk restore reboot cable fibre liaison opérateur incident demande installation remplacement
	badge caméra alarme sonde température congélateur vitrine balance terminal paiement lecteur code barre étiquette chariot`)

func benchText(r *rand.Rand, n int) string {
	words := make([]string, n)
	for i := range words {
		at := int(float64(len(benchWords)) * r.Float64() * r.Float64())
		words[i] = benchWords[at]
		if r.IntN(6) == 0 {
			words[i] += fmt.Sprint(r.IntN(5000))
		}
	}
	return strings.Join(words, " ")
}

// fill writes tickets as the follower does.
func fill(b *testing.B, a *archive.Archive) {
	b.Helper()
	r := rand.New(rand.NewPCG(11, 12))
	began := storetest.Began().AddDate(-1, 0, 0)
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	total := *benchClosed + *benchOpen
	var part []ticket.Changed
	at := int64(0)
	for i := range total {
		t := storetest.Ticket("prometheus", fmt.Sprintf("I%s_%06d", began.Add(time.Duration(i)*150*time.Second).Format("060102"), i))
		t.OpenedAt = began.Add(time.Duration(i) * 150 * time.Second)
		t.UpdatedAt = t.OpenedAt.Add(time.Hour)
		t.Title = fmt.Sprintf("srv-%s-%02d.example.net %s", pick("db", "web", "mail", "pos"), r.IntN(60), benchText(r, 4))
		t.Customer, t.Site = fmt.Sprintf("customer%03d", r.IntN(200)), pick("Givrand", "Nantes", "Lyon", "Torino")
		t.Assignee, t.Urgency = pick("alice", "bruno", "dominique", ""), ticket.Urgencies()[r.IntN(4)]
		t.GTI = ticket.GTI{Within: 4 * time.Hour, DueAt: t.OpenedAt.Add(4 * time.Hour)}
		if i < *benchClosed {
			t.State, t.PickedUpAt = ticket.Closed, t.OpenedAt.Add(time.Duration(r.IntN(300))*time.Minute)
			t.ResolvedAt, t.ClosedAt = t.OpenedAt.Add(6*time.Hour), t.OpenedAt.Add(30*time.Hour)
		}
		part = append(part, ticket.Changed{
			Source: t.Source, Number: t.Number, Version: at + 1, Revision: 3, View: ticket.View{
				Ticket:   t,
				Pages:    []ticket.Page{storetest.Page(&t, "alice")},
				Timeline: []ticket.Entry{storetest.Note(t.OpenedAt, benchText(r, 12)), storetest.Note(t.UpdatedAt, benchText(r, 20))},
				Sheet: sheet(b, fmt.Sprintf(`{"category":%q,"equipment":"pc-%04d","description":%q,"billable":%q}`,
					pick("réseau", "impression", "poste", "caisse"), r.IntN(5000), benchText(r, 30), pick("yes", "no"))),
			},
		})
		if len(part) == 1000 || i == total-1 {
			if err := a.Write(b.Context(), "", at, at+1, part); err != nil {
				b.Fatal(err)
			}
			part, at = nil, at+1
		}
	}
}

func sheet(b *testing.B, text string) *ticket.Sheet {
	b.Helper()
	s, err := ticket.ReadSheet([]byte(text))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkLists is how long lists and searches take, at the 95th percentile and
// the worst, over many different ones.
func BenchmarkLists(b *testing.B) {
	for _, c := range []struct {
		name    string
		address func(tb testing.TB) string
	}{
		{"sqlite", archivetest.SQLite},
		{"postgres", func(tb testing.TB) string { return archivetest.StartPostgres(tb).New(tb) }},
	} {
		if *benchAt != "" && !strings.HasPrefix(*benchAt, c.name) {
			continue
		}
		b.Run(c.name, func(b *testing.B) {
			address := *benchAt
			if address == "" {
				address = c.address(b)
			}
			a, err := archive.Open(archive.Options{URL: address})
			if err != nil {
				b.Fatal(err)
			}
			defer a.Close()
			if l, err := a.Search(b.Context(), ticket.Everything(), &ticket.Search{}, nil); err != nil || len(l.Tickets) == 0 {
				fill(b, a)
			}
			if err := a.Tidy(b.Context()); err != nil {
				b.Fatal(err)
			}
			for name, search := range benchSearches() {
				b.Run(name, func(b *testing.B) { measure(b, a, search) })
			}
		})
	}
}

func benchSearches() map[string]func(r *rand.Rand) ticket.Search {
	open := []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}
	customer := func(r *rand.Rand) string { return fmt.Sprintf("customer%03d", r.IntN(200)) }
	yes := true
	of := func(text string, edit func(r *rand.Rand, s *ticket.Search)) func(r *rand.Rand) ticket.Search {
		return func(r *rand.Rand) ticket.Search {
			s := ticket.Search{Query: ticket.Query{Text: text}}
			edit(r, &s)
			return s
		}
	}
	return map[string]func(r *rand.Rand) ticket.Search{
		"everything":       of("", func(*rand.Rand, *ticket.Search) {}),
		"open":             of("", func(_ *rand.Rand, s *ticket.Search) { s.States = open }),
		"pool by due":      of("", func(_ *rand.Rand, s *ticket.Search) { s.States, s.Unassigned, s.Sort = open, true, ticket.SortDue }),
		"open of customer": of("", func(r *rand.Rand, s *ticket.Search) { s.States, s.Customer = open, customer(r) }),
		"all of customer":  of("", func(r *rand.Rand, s *ticket.Search) { s.Customer = customer(r) }),
		"breached of customer": of("", func(r *rand.Rand, s *ticket.Search) {
			s.Customer, s.Breached, s.Now = customer(r), &yes, storetest.Began()
		}),
		"equipment":       of("", func(r *rand.Rand, s *ticket.Search) { s.Equipment = fmt.Sprintf("pc-%04d", r.IntN(5000)) }),
		"worst":           of("", func(_ *rand.Rand, s *ticket.Search) { s.Sort = ticket.SortUrgency }),
		"site and month":  of("", func(_ *rand.Rand, s *ticket.Search) { s.Site, s.Since = "Torino", storetest.Began().AddDate(0, -6, 0) }),
		"common word":     of("réseau", func(*rand.Rand, *ticket.Search) {}),
		"two words":       of("", func(r *rand.Rand, s *ticket.Search) { s.Text = benchText(r, 2) }),
		"four words":      of("", func(r *rand.Rand, s *ticket.Search) { s.Text = benchText(r, 4) }),
		"begin of a word": of("imp", func(*rand.Rand, *ticket.Search) {}),
		"rare word":       of("", func(r *rand.Rand, s *ticket.Search) { s.Text = fmt.Sprint("imprimante", r.IntN(5000)) }),
		"host":            of("", func(r *rand.Rand, s *ticket.Search) { s.Text = fmt.Sprintf("srv-web-%02d", r.IntN(60)) }),
		"words of customer": of("", func(r *rand.Rand, s *ticket.Search) {
			s.Text, s.Customer = benchText(r, 1), customer(r)
		}),
	}
}

func measure(b *testing.B, a *archive.Archive, search func(r *rand.Rand) ticket.Search) {
	b.Helper()
	r := rand.New(rand.NewPCG(13, 14))
	var took []time.Duration
	found := 0
	for b.Loop() {
		s := search(r)
		s.Limit = 50
		began := time.Now()
		l, err := a.Search(b.Context(), ticket.Everything(), &s, nil)
		if err != nil {
			b.Fatal(err)
		}
		took, found = append(took, time.Since(began)), found+len(l.Tickets)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
	b.ReportMetric(float64(found)/float64(len(took)), "found")
}
