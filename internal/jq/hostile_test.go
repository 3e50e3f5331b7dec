//go:build !race || long

package jq

import (
	"runtime"
	"testing"
	"time"
)

// TestExpressionsThatTakeTooMuch end, soon, with little memory, whatever they
// do.
func TestExpressionsThatTakeTooMuch(t *testing.T) {
	for _, expression := range []string{
		`last(repeat(1))`, `[range(1e9)]`, `[range(1e9)] | length`, `"x" * 1e9`, `1e9 * "x"`, `[limit(1e9; repeat("x"))] | length`,
		`reduce range(60) as $i ("x"; . + .)`, `reduce range(60) as $i ("x"; "\(.)\(.)")`, `reduce range(60) as $i ([1]; . + .)`,
		`reduce range(60) as $i ([1]; [., .]) | tojson`, `reduce range(60) as $i ([1]; [., .]) | . == .`, `reduce range(60) as $i ({}; {a: ., b: .}) * {}`,
		`reduce range(60) as $i (1; .a = [.] | .b = [.])`, `reduce range(1e6) as $i (2; . * .)`, `reduce range(60) as $i ("\""; tojson)`,
		`("x" * 1e6) as $s | [range(1e5) | $s] | add`, `("x" * 1e6) as $s | add(range(1e5) | $s)`, `("x" * 1e6) as $s | [range(1e5)] | map(tostring) | join($s)`,
		`[range(1e5)] | join("x" * 1e5)`, `null | .[1e8] = 1`, `null | .[100000000] = 1`, `1e8 as $i | null | .[$i] = 1`, `null | .[99999999:] = [1]|.[4e8] = 2`,
		`[range(125) | "x" * 1e6 | explode]`, `[range(1e5) | "x" * 1e5]`,
		`reduce range(60) as $i (1; [., .]) | error`, `reduce range(60) as $i (1; [., .]) as $x | 1 | error($x)`, `reduce range(60) as $i (1; [., .]) as $x | [1] | contains($x)`,
		`[recurse(1)] | length`, `until(false; .)`, `[while(true; .)] | length`, `("a" * 60000) | gsub(""; "x" * 60000)`, `("a" * 60000) | gsub("a"; "aa", "aaa", "a" * 1000)`, `[range(100) | ("a" * 60000) | gsub(""; "xxxxxxxxxxxxxxxxxxxxxxxx")]`, `[range(20)] | [combinations(20)] | length`,
		`[.. | ..] | [.. | ..] | [.. | ..] | [.. | ..] | [.. | ..] | [.. | ..] | [.. | ..] | [.. | ..] | [..|..] | length`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		got, err := run(t, expression, []any{"a", "b"})
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s yields %d values", expression, len(got))
		}
		if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 3000 { // in all, not at once; the race detector has its part in it
			t.Errorf("%s allocates %d MiB: %v", expression, made, err)
		}
		if took > 20*time.Second {
			t.Errorf("%s takes %s", expression, took)
		}
	}
}
