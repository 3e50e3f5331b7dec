package lang

import (
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func TestTold(t *testing.T) {
	reader := Reader{
		Name: func(key string) string {
			return map[string]string{"alice": "vous", "bruno": "Bruno Petit", "dominique": "Dominique Roy"}[key]
		},
		At: func(at time.Time) string { return at.Format("02/01 15:04") },
	}
	person := &ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"}
	said := func(kind ticket.EntryKind, detail ticket.Detail, args ticket.Args, text string) ticket.Entry {
		return ticket.Entry{Kind: kind, Said: ticket.Said{Detail: detail, Args: args, Text: text}}
	}
	page := func(detail ticket.Detail, args ticket.Args) ticket.Entry {
		args.Person, args.Channel = "alice", "sms"
		return said(ticket.EntryPage, detail, args, "")
	}
	by := func(e ticket.Entry, actor *ticket.Actor, via string) ticket.Entry {
		e.Actor, e.Via = actor, via
		return e
	}
	for _, c := range []struct {
		entry      ticket.Entry
		what, text string
	}{
		{said(ticket.EntryPaged, ticket.SaidRound, ticket.Args{Step: 2, Round: 3, Called: []ticket.Called{{Person: "alice", Channels: []string{"push", "sms"}}, {Person: "bruno", Channels: []string{"sms"}}}}, ""), "Appels", "étape 2, tour 3 : vous (push, sms), Bruno Petit (sms)"},
		{said(ticket.EntryPaged, ticket.SaidRound, ticket.Args{Step: ticket.LastResort, Round: 1, Called: []ticket.Called{{Person: "dominique", Channels: []string{"sms"}}}}, ""), "Appels", "tous les responsables, tour 1 : Dominique Roy (sms)"},
		{said(ticket.EntryPaged, "", ticket.Args{}, "step 1, round 1: as it was kept"), "Appels", "step 1, round 1: as it was kept"},
		{said(ticket.EntryPaged, "of tomorrow", ticket.Args{}, ""), "Appels", ""},
		{page(ticket.SaidSent, ticket.Args{}), "Envoi", "sms → vous : envoyé"},
		{page(ticket.SaidSent, ticket.Args{Again: true}), "Envoi", "sms → vous : envoyé (nouvel essai : le précédent reste incertain)"},
		{page(ticket.SaidSent, ticket.Args{Devices: 2}), "Envoi", "sms → vous : envoyé ; appareils disparus : 2"},
		{page(ticket.SaidFailed, ticket.Args{Error: "21610 stopped"}), "Envoi", "sms → vous : échec: 21610 stopped"},
		{said(ticket.EntryPage, ticket.SaidDelivered, ticket.Args{}, ""), "Envoi", "remis"},
		{page(ticket.SaidBundled, ticket.Args{Tickets: 12, Ticket: "I261121_0007"}), "Envoi", "sms → vous : envoyé en un message pour 12 tickets, le pire I261121_0007"},
		{page(ticket.SaidRefused, ticket.Args{Wait: ticket.Span(1200 * time.Millisecond), Error: "20429 too\nfast {error}", Again: true}), "Envoi", "sms → vous : refusé pour l'instant, nouvel essai dans 1.2s: 20429 too\nfast {error} (nouvel essai : le précédent reste incertain)"},
		{page(ticket.SaidUnclear, ticket.Args{Error: "timeout"}), "Envoi", "sms → vous : sans réponse, peut-être envoyé ; renvoyé faute d'accusé: timeout"},
		{page(ticket.SaidDropped, ticket.Args{Why: ticket.WhyOffDuty}), "Envoi", "sms → vous : non envoyé : plus d'astreinte"},
		{page(ticket.SaidDropped, ticket.Args{Why: "of tomorrow"}), "Envoi", "sms → vous : non envoyé : of tomorrow"},
		{said(ticket.EntryPaged, ticket.SaidOnceMore, ticket.Args{Step: 2, Person: "bruno", Channel: "sms"}, ""), "Appels", "étape 2, encore une fois : Bruno Petit (sms)"},
		{said(ticket.EntryPaged, ticket.SaidJoined, ticket.Args{}, "srv-db-01 sent"), "Appels", "alerte de plus, alors qu'il était pris : srv-db-01 sent"},
		{said(ticket.EntryUnreachable, ticket.SaidOutOfReach, ticket.Args{Step: ticket.LastResort, Group: "on: call", Channels: []string{"push", "sms"}}, ""), "Injoignable", "tous les responsables, on: call : personne d'astreinte n'est joignable par push, sms"},
		{said(ticket.EntryHandover, "", ticket.Args{Person: "bruno", Group: "on-call"}, ""), "Relève", "Bruno Petit n'est plus d'astreinte pour on-call"},
		{by(said(ticket.EntryResolved, ticket.SaidAllOver, ticket.Args{}, ""), &ticket.Actor{Kind: ticket.ActorSender, Name: "prometheus"}, "sender"), "Résolu", "la source dit que tout est terminé"},
		{by(said(ticket.EntryResolved, "", ticket.Args{}, "1 firing"), person, ""), "Résolu par Bruno Petit", "1 firing"},
		{said(ticket.EntryRecheck, ticket.SaidFiring, ticket.Args{Firing: 3, Silent: 1, Instant: time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC)}, ""), "Vérifié", "3 en alerte, dont 1 muettes, dernière nouvelle 20/11 03:12"},
		{said(ticket.EntryRecheck, ticket.SaidFiring, ticket.Args{Firing: 3}, ""), "Vérifié", "3 en alerte"},
		{said(ticket.EntryUrgency, "", ticket.Args{Urgency: ticket.Critical, Was: ticket.Major}, ""), "Urgence relevée", "MAJEUR → CRITIQUE"},
		{said(ticket.EntrySilent, "", ticket.Args{}, "db"), "Source muette", "db"},
		{by(said(ticket.EntryAssigned, "", ticket.Args{Person: "bruno"}, ""), &ticket.Actor{Kind: ticket.ActorToken, Name: "cmdb"}, "api"), "Attribué par cmdb (par API)", "→ Bruno Petit"},
		{by(said(ticket.EntryAssigned, ticket.SaidToGroup, ticket.Args{Group: "experts", Tier: ticket.L3, WasTier: ticket.L1}, ""), person, "console"), "Attribué par Bruno Petit (dans la console)", "→ pot de experts, L1 → L3"},
		{by(said(ticket.EntryAssigned, ticket.SaidToGroup, ticket.Args{Group: "experts"}, ""), person, ""), "Attribué par Bruno Petit", "→ pot de experts"},
		{by(said(ticket.EntryAssigned, ticket.SaidOwner, ticket.Args{Person: "dominique"}, ""), person, ""), "Attribué par Bruno Petit", "Dominique Roy en répond de bout en bout"},
		{by(said(ticket.EntryAssigned, ticket.SaidHelps, ticket.Args{Group: "projects"}, ""), person, ""), "Attribué par Bruno Petit", "en renfort : projects"},
		{by(said(ticket.EntryAssigned, ticket.SaidNoHelper, ticket.Args{Person: "dominique"}, ""), person, ""), "Attribué par Bruno Petit", "plus en renfort : Dominique Roy"},
		{by(said(ticket.EntryTier, ticket.SaidTier, ticket.Args{Tier: ticket.L2, WasTier: ticket.L1, Group: "network"}, " needs a router "), person, ""), "Niveau par Bruno Petit", "L1 → L2, network: needs a router"},
		{by(said(ticket.EntryTier, ticket.SaidTierByDue, ticket.Args{Tier: ticket.L2, WasTier: ticket.L1, Wait: ticket.Span(2 * time.Hour)}, ""), nil, "rule"), "Niveau", "L1 → L2, après 2h0m0s"},
		{by(ticket.Entry{Kind: ticket.EntryReleased}, person, ""), "Remis au pot par Bruno Petit", ""},
		{by(said(ticket.EntryNote, ticket.SaidSpooled, ticket.Args{Ticket: "E1", Instant: time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC), Called: []ticket.Called{{Person: "bruno", Channels: []string{"sms"}}}}, ""), &ticket.Actor{Kind: ticket.ActorSystem, Name: "spool"}, "rule"), "Note par le système", "base absente depuis 20/11 03:12 : appels faits sous le numéro E1 : Bruno Petit (sms)"},
		{said(ticket.EntryNote, ticket.SaidSpooled, ticket.Args{Ticket: "E1"}, ""), "Note", "base absente depuis 01/01 00:00 : appels faits sous le numéro E1, à personne"},
		{by(ticket.Entry{Kind: ticket.EntryAcknowledged}, person, "sms"), "Pris par Bruno Petit (par SMS)", ""},
		{by(ticket.Entry{Kind: ticket.EntryAcknowledged}, &ticket.Actor{Kind: ticket.ActorPerson, Name: "dominique", Token: "desk"}, "api"), "Pris par Dominique Roy (par API), jeton desk", ""},
		{by(ticket.Entry{Kind: ticket.EntryAckExpired}, person, ""), "Pris, mais pas commencé à temps", ""},
		{by(ticket.Entry{Kind: ticket.EntryClosed}, &ticket.Actor{Kind: ticket.ActorSystem, Name: "close_after"}, "rule"), "Clos par le système", ""},
		{by(said(ticket.EntryTool, ticket.SaidRemark, ticket.Args{Remark: "DOWNTIMESTART"}, "changing a disk "), &ticket.Actor{Kind: ticket.ActorUser, Name: "nagiosadmin"}, "sender"), "De l'outil par nagiosadmin", "DOWNTIMESTART: changing a disk"},
		{said(ticket.EntryTool, ticket.SaidRemark, ticket.Args{Remark: "FLAPPINGSTART"}, ""), "De l'outil", "FLAPPINGSTART"},
		{said(ticket.EntryTool, ticket.SaidRemark, ticket.Args{}, "only words"), "De l'outil", "only words"},
		{said(ticket.EntrySilenced, ticket.SaidSilenced, ticket.Args{Silence: "abc", Person: "bruno", Instant: time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC)}, "un disque"), "En silence", "jusqu'à 20/11 03:12, par Bruno Petit : un disque (silence abc)"},
		{said(ticket.EntrySilenced, ticket.SaidSilenced, ticket.Args{Silence: "abc+def", Source: "prometheus", Remark: "zoe@amtool", Instant: time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC)}, "{text}"), "En silence", "jusqu'à 20/11 03:12, par zoe@amtool : {text} (silence abc+def)"},
		{said(ticket.EntrySilenced, ticket.SaidSilenced, ticket.Args{Silence: "abc", Source: "prometheus", Instant: time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC)}, ""), "En silence", "jusqu'à 20/11 03:12, par prometheus (silence abc)"},
		{said(ticket.EntrySilenced, ticket.SaidSilenced, ticket.Args{Silence: "abc", Instant: time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC)}, ""), "En silence", "jusqu'à 20/11 03:12 (silence abc)"}, // of an older version
		{said("invented", "", ticket.Args{}, "x"), "invented", "x"},
	} {
		if what, text := french.What(&c.entry, reader), french.Told(&c.entry, reader); what != c.what || text != c.text {
			t.Errorf("%+v:\n%q, %q, want\n%q, %q", c.entry, what, text, c.what, c.text)
		}
	}
}

// TestTitles: what the daemon opens itself says so in the desk's language.
func TestTitles(t *testing.T) {
	en, fr := In("en"), In("fr")
	open, old := ticket.BoundOf(ticket.BoundOpen, 5000), ticket.Bound("over 3000 new tickets a minute")
	many := make([]string, 12)
	for i := range many {
		many[i] = fmt.Sprintf("X-%02d", 12-i)
	}
	for _, c := range []struct{ got, want string }{
		{en.Overflow("prometheus", open, 812), "source prometheus: over 5000 open tickets, 812 alerts more"},
		{en.Overflow("prometheus", open, 1), "source prometheus: over 5000 open tickets, 1 alert more"},
		{en.Overflow("prometheus", ticket.BoundOf(ticket.BoundKept, 4), 0), "source prometheus: over 4 alerts"},
		{fr.Overflow("prometheus", open, 2), "source prometheus : plus de 5000 tickets ouverts, 2 alertes de plus"},
		{fr.Overflow("prometheus", old, 0), "source prometheus : over 3000 new tickets a minute"},
		{fr.Bound("open many"), "open many"},
		{en.Lost(1), "1 open ticket lost with the store"},
		{en.Lost(3), "3 open tickets lost with the store"},
		{en.Damaged(many[:1]), "ticket X-12 cannot be read: its record in the store is damaged, and it pages nobody any more"},
		{en.Damaged(many), "12 tickets cannot be read: their records in the store are damaged, and they page nobody any more: " +
			"X-01, X-02, X-03, X-04, X-05, X-06, X-07, X-08, X-09, X-10, 2 more"},
	} {
		if c.got != c.want {
			t.Errorf("%q, wanted %q", c.got, c.want)
		}
	}
}
