package escalation

import (
	"testing"
	"time"
)

// RulesForTest are those of the reference example.
func RulesForTest(t testing.TB) *Rules { return testRules(t) }

// Saturday is 2026-11-21 03:12 in Paris.
func Saturday() time.Time { return saturday }
