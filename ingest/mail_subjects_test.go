//go:build !race || long

package ingest

import (
	"testing"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
)

// TestAnySubjectIsRead: words that say how something is may stand in any order.
func TestAnySubjectIsRead(t *testing.T) {
	pieces := []string{"OK", " -> ", "(0 errors)", "Success", "2 of 3 failed", "[srv-1]", ": ", "non riuscito", "is", " (", ") ", "\xe9"}
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				for _, subject := range []string{a + b + c, a + " " + b + " " + c} {
					bySubject(&letter.Letter{From: "a@example.net", Subject: subject}, subject)
				}
			}
		}
	}
}
