package words

import (
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestLinkRoom compares what LinkRoom says with the texts themselves.
func TestLinkRoom(t *testing.T) {
	if taken, left, kept := LinkRoom("https://astreinte.example.net"); taken != 46 || left != 114 || !kept {
		t.Errorf("%d taken, %d left, %v", taken, left, kept)
	}
	if taken, _, _ := LinkRoom("https://é.example"); taken != len("https://%C3%A9.example")+17 {
		t.Errorf("%d taken by what is written %%XX", taken)
	}
	last := true
	for n := 60; n < 160; n++ {
		public := "https://" + strings.Repeat("x", n-len("https://"))
		taken, left, kept := LinkRoom(public)
		if taken != n+17 || taken+left != GsmSingle || kept && !last {
			t.Fatalf("%d characters: %d taken, %d left, %v", n, taken, left, kept)
		}
		link := public + "/a/k3J9x2QpLm7Tx"
		for _, kind := range []ticket.PageKind{ticket.KindPage, ticket.KindJoined} {
			f := exampleFacts()
			f.Kind, f.Code, f.Link, f.Title, f.Host = kind, 9999, link, "srv-db-01.example.net:9100 HostMemoryUnderPressure", "srv-db-01.example.net:9100"
			if text := SMS("fr", f); !strings.HasSuffix(text, link) || !strings.Contains(text, "9999") {
				t.Errorf("%d characters: %s without its link or code: %q", n, kind, text)
			} else if kept && (length(text) > GsmSingle || !strings.Contains(text, "CRITIQUE ") || kept && !strings.Contains(text, " Host")) {
				t.Errorf("%d characters: %s says too little: %q", n, kind, text)
			}
		}
		last = kept
	}
	if last {
		t.Error("a link of an SMS's length leaves room for what happened")
	}
}
