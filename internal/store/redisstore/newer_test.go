package redisstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Records that a newer minor version wrote have fields that this version does
// not know. It works on them. It loses nothing that it knows. What it does not
// know goes when it writes a record back, as "Versions of stored records"
// says.
func TestRecordsOfANewerMinor(t *testing.T) {
	s := opened(t, redistest.Single(t).URL())
	ctx, prefix := t.Context(), redisstore.SourceKey("prometheus")
	of := raise(t, s, "prometheus")
	if _, err := s.Reserve(ctx, paging.Reservation{Phone: "+33612345601", Hash: "h", Link: paging.Link{Source: "prometheus", Ticket: of.Number}}); err != nil {
		t.Fatal(err)
	}
	more := func(key, field string) {
		t.Helper()
		text, err := s.Client().HGet(ctx, key, field).Result()
		text = strings.Replace(text, "{", `{"unheard_of":{"deep":[1,2]},`, 1)
		if err = errors.Join(err, s.Client().HSet(ctx, key, field, text, "unheard_of", "1").Err()); err != nil {
			t.Fatal(err)
		}
	}
	knows := func(key string) bool {
		t.Helper()
		text, err := s.Client().HGet(ctx, key, "json").Result()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(text, "unheard_of")
	}
	if err := s.Client().Set(ctx, redisstore.LayoutKey, "2.9", 0).Err(); err != nil {
		t.Fatal(err)
	}
	pages, err := s.Pages(ctx, "prometheus", of.Number)
	if err != nil || len(pages) != 1 {
		t.Fatal(pages, err)
	}
	page := prefix + "p:" + pages[0].String()
	more(prefix+"t:"+of.Number, "json")
	more(prefix+"a:f-"+of.Number, "json")
	more(page, "json")

	records, err := s.Load(ctx, "prometheus", []string{of.Number})
	if err != nil || len(records) != 1 || records[0].Ticket.Number != of.Number || !records[0].Ticket.OpenedAt.Equal(of.OpenedAt) {
		t.Fatalf("%+v, %v", records, err)
	}
	claims, _, err := s.Claim(ctx, paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 1})
	if err != nil || len(claims) != 1 {
		t.Fatalf("%+v, %v", claims, err)
	}
	if _, err := s.Finish(ctx, []paging.Outcome{{Source: "prometheus", Key: claims[0].Page.PageKey, Token: claims[0].Token, State: ticket.PageSent}}); err != nil {
		t.Fatal(err)
	}
	if !knows(page) {
		t.Error("a page is not written anew by its outcome, and keeps what this version does not know")
	}
	errs, err := s.Commit(ctx, "prometheus", []escalation.Change{{Ticket: records[0].Ticket, Revision: records[0].Revision}})
	if err = errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	if knows(prefix + "t:" + of.Number) {
		t.Error("a ticket that is written anew keeps what this version does not know: say so where versions are written down")
	}
	if field, err := s.Client().HGet(ctx, prefix+"t:"+of.Number, "unheard_of").Result(); err != nil || field != "1" {
		t.Errorf("a field beside the record is gone: %q, %v", field, err)
	}
	view, err := s.View(ctx, of.Number)
	if err != nil || len(view.Alerts) != 1 || len(view.Pages) != 1 || view.Pages[0].State != ticket.PageSent {
		t.Errorf("%+v, %v", view, err)
	}
}
