package reftest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEachLimitIsOfAPackageThatHoldsIt wants no row that no test looks at.
func TestEachLimitIsOfAPackageThatHoldsIt(t *testing.T) {
	holders := []string{"ticket", "doorway", "web", "ingest", "twilio", "gateway", "daemon", "demo", "events", "silence", "peer", "mailin", "audit", "escalation"}
	rows := Rows(t, "## Limits")
	if len(rows) < len(holders) {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		names := Code(row[0])
		if len(names) != 1 || len(row) != 3 {
			t.Errorf("a row that cannot be read: %q", row)
			continue
		}
		if of, _, ok := strings.Cut(names[0], "."); !ok || !slices.Contains(holders, of) {
			t.Errorf("nobody holds %s", names[0])
		}
	}
}

func TestValue(t *testing.T) {
	for want, v := range map[string]any{
		"16 KiB": 16 << 10, "1024": Count(1024), "100": 100, "1 GiB": 1 << 30, "1500": 1500,
		"10s": 10 * time.Second, "2m": 2 * time.Minute, "1m30s": 90 * time.Second,
	} {
		if got := Value(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}
