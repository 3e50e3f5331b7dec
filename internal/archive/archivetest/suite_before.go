package archivetest

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// before has a device whose trouble came again, beside others that are like it but for one
// thing.
func before(b *bench) {
	at := storetest.At(60 * 24 * time.Hour)
	of := func(ago time.Duration, customer, host, name string) func(t *ticket.Ticket) {
		return func(t *ticket.Ticket) {
			t.OpenedAt, t.Customer, t.Host, t.Title = at.Add(-ago), customer, host, host+" "+name
			t.Group = map[string]string{"alertname": name}
		}
	}
	put := func(ago time.Duration, customer, host, name string, more ...func(c *escalation.Change)) string {
		return b.put(of(ago, customer, host, name), more...).Ticket.Number
	}
	day := 24 * time.Hour
	put(31*day, "acme", "srv-db-01", "DiskFull", withSheet(`{"synthesis":"too long ago"}`))
	put(20*day, "acme", "srv-db-01", "DiskFull", withSheet(`{"synthesis":"Logs were not rotated","restored":"df says 40 %"}`))
	put(10*day, "acme", "srv-db-01", "DiskFull")
	put(9*day, "acme", "srv-db-01", "HostDown", withSheet(`{"synthesis":"another check"}`))
	put(8*day, "acme", "srv-db-02", "DiskFull", withSheet(`{"synthesis":"another device"}`))
	put(7*day, "bellac", "srv-db-01", "DiskFull", withSheet(`{"synthesis":"another customer"}`))
	again := put(6*day, "acme", "PC-7", "DiskFull", withSheet(`{"equipment":"srv-db-01"}`))
	now := b.put(of(0, "acme", "srv-db-01", "DiskFull")).Ticket
	put(-day, "acme", "srv-db-01", "DiskFull", withSheet(`{"synthesis":"later"}`))
	b.follow()
	seen := func(scope ticket.Scope) ticket.SeenBefore {
		got, err := b.a.Before(b.ctx, scope, &now, nil)
		b.ok(err)
		return got
	}
	got := seen(ticket.Everything())
	if got.Count != 3 || len(got.Which) != 3 || got.Which[0].Number != again || got.Last == nil || got.Last.Synthesis != "Logs were not rotated" || got.Last.Restored != "df says 40 %" {
		b.Errorf("%+v, %+v", got, got.Last)
	}
	if mine := seen(ticket.Limited("edith", "acme")); text(mine) != text(got) {
		b.Errorf("whoever sees the customer: %+v", mine)
	}
	if others := seen(ticket.Limited("edith", "bellac")); others.Count != 0 {
		b.Errorf("whoever does not: %+v", others)
	}
	if _, err := b.a.Before(b.ctx, ticket.Scope{}, &now, nil); err == nil {
		b.Error("for nobody")
	}
	plan := strings.ToLower(b.plan("SELECT b.body FROM tickets t JOIN bodies b ON b.ticket = t.id WHERE t.equipment = 'x' AND t.id >= 1 AND t.id <= 2 AND t.customer = 'y' ORDER BY t.id DESC LIMIT 9"))
	if strings.Contains(plan, "scan t") && !strings.Contains(plan, "index") {
		b.Errorf("it reads all tickets: %s", plan)
	}
}

// plan says how the database would answer.
func (b *bench) plan(query string) (all string) {
	b.Helper()
	db := b.database()
	defer func() { _ = db.Close() }()
	explain := "EXPLAIN QUERY PLAN "
	if strings.HasPrefix(b.url, "postgres") {
		explain = "EXPLAIN "
	}
	rows, err := db.QueryContext(b.ctx, explain+query)
	b.ok(err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	b.ok(err)
	for rows.Next() {
		values, places := make([]string, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		b.ok(rows.Scan(places...))
		all += strings.Join(values, " ") + "\n"
	}
	b.ok(rows.Err())
	return all
}
