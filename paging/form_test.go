package paging

import (
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestFormsHaveABound: a form of more fields than anybody posts is refused before they are
// read.
func TestFormsHaveABound(t *testing.T) {
	form := func(n int) string { return strings.Repeat("a=b&", n-1) + "a=b" }
	if f, err := ParseForm(form(ticket.MaxFormFields)); err != nil || len(f["a"]) != ticket.MaxFormFields {
		t.Errorf("%d fields, %v", len(f["a"]), err)
	}
	for _, text := range []string{form(ticket.MaxFormFields + 1), strings.Repeat("&", 60_000), "%zz"} {
		if f, err := ParseForm(text); err == nil {
			t.Errorf("%d fields of %d bytes", len(f), len(text))
		}
	}
}

// TestTextsAreBound: what a provider says of a text is cut before anything keeps it, and
// names that differ stay different.
func TestTextsAreBound(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	text := Text{From: long, To: long, Body: long, ProviderID: long}
	text.Bound()
	if len(text.From) > ticket.MaxPhone || len(text.To) > ticket.MaxPhone || len(text.Body) > ticket.MaxText || len(text.ProviderID) > ticket.MaxProviderID {
		t.Errorf("%d, %d, %d, %d bytes", len(text.From), len(text.To), len(text.Body), len(text.ProviderID))
	}
	if BoundID(long) == BoundID(long+"x") || BoundID("SM1") != "SM1" {
		t.Error("two ids are one, or another")
	}
	short := Text{From: "+33612345601", To: "+33712345601", Body: "12 OK", ProviderID: "SM1"}
	if was := short; true {
		if short.Bound(); short != was {
			t.Errorf("%+v", short)
		}
	}
}
