package jq

import (
	"context"
	"errors"
	"strings"
	"testing"
)

const message = `{"ids": [12345678901234567890], "price": 0.0330, "host": "srv", "check": "disk", "level": "CRIT",
	"tags": {"b": 2, "a": 1}, "list": [3, 1, 2], "nested": {"text": "{\"x\":1}"}, "since": "2026-11-21T03:12:00Z"}`

func run(t *testing.T, expression string, v any) ([]any, error) {
	t.Helper()
	p, err := Compile(expression)
	if err != nil {
		return nil, err
	}
	return p.All(NewMeter(t.Context(), Steps), 1000, v)
}

// TestExpressionsMeanWhatJqMeans: the checks that are put into an expression
// change nothing of what it yields.
func TestExpressionsMeanWhatJqMeans(t *testing.T) {
	for expression, want := range map[string]string{
		`.ids[0]`:              "12345678901234567890",
		`.price`:               "0.0330",
		`.price * 2`:           "0.066",
		`.absent`:              "",
		`.host|length`:         "3",
		`empty`:                "",
		`"\(.host) \(.check)"`: "srv disk",
		`@json "a\(.tags)"`:    `a{"a":1,"b":2}`,
		`@base64`:              "",
		`if .level == "CRIT" then "firing" elif .level == "OK" then "resolved" else "ignore" end`: "firing",
		`{host, check, severity: .level} | to_entries | map("\(.key)=\(.value)") | join(",")`:     "check=disk,host=srv,severity=CRIT",
		`[.list[] | . * 2] | add`:                       "12",
		`add(.list[])`:                                  "6",
		`.list | sort | map(tostring) | join("-")`:      "1-2-3",
		`.tags.a += 5 | .tags.a`:                        "6",
		`.tags |= with_entries(.value += 1) | .tags.b`:  "3",
		`.tags.c = 7 | .tags | keys | join("")`:         "abc",
		`.tags.a //= 9 | .tags.a`:                       "1",
		`.tags.z //= 9 | .tags.z`:                       "9",
		`del(.tags.a) | .tags | keys[0]`:                "b",
		`[paths] | length`:                              "16",
		`.list[1:] | length`:                            "2",
		`.list[-1]`:                                     "2",
		`.["host"] + ."check"`:                          "srvdisk",
		`.list as [$a, $b] | $a - $b`:                   "2",
		`. as {host: $h, tags: {a: $n}} | "\($h)\($n)"`: "srv1",
		`reduce .list[] as $n (0; . + $n)`:              "6",
		`[foreach .list[] as $n (0; . + $n)] | last`:    "6",
		`def twice(f): f + f; twice(.host)`:             "srvsrv",
		`[limit(2; .list[])] | length`:                  "2",
		`.host | test("^s")`:                            "true",
		`.host | sub("s"; "S")`:                         "Srv",
		`.host | gsub("(?<c>[rv])"; .c + ".")`:          "sr.v.",
		`.host | gsub("R"; "l"; "i")`:                   "slv",
		`[.host | gsub("(?<c>[rv])"; .c + "1", .c + "2", if .c == "v" then "3" else empty end)] | join(" ")`: "sr1v1 sr2v2 3",
		`.host | gsub("nothing"; "x")`:                       "srv",
		`"é" + .host | sub("s(?<a>.)"; "\(.a) as $x"; "g")`:  "ér as $xv",
		`"x" as $v | .host | gsub("r"; $v | gsub("x"; "y"))`: "syv",
		`.since | fromdate | todate`:                         "2026-11-21T03:12:00Z",
		`.nested.text | fromjson | .x`:                       "1",
		`.level | ascii_downcase`:                            "crit",
		`try error("no") catch "caught \(.)"`:                "caught no",
		`.list | index(1)`:                                   "1",
		`-(.list[0]) % 2`:                                    "-1",
		`[.list[] | select(. >= 2)] | length`:                "2",
		`(1, 2) + (10, 20)`:                                  "11",
		`[(1, 2) + (10, 20)] | map(tostring)|join(",")`:      "11,12,21,22",
		`"ab" * 3`: "ababab",
		`{a: {b: 1}} * {a: {c: 2}} | .a | keys|join("")`: "bc",
		`[..] | length > 5`:              "true",
		`first(.list[])`:                 "3",
		`.list | any(. > 2)`:             "true",
		`.list | contains([1])`:          "true",
		`.tags | map_values(. + 1) | .a`: "2",
		`walk(if type == "number" then 0 else . end) | .list[0]`: "0",
		`label $out | 1, break $out, 2`:                          "1",
	} {
		v, _, err := Parse([]byte(message))
		if err != nil {
			t.Fatal(err)
		}
		all, err := run(t, expression, v)
		got := ""
		if err == nil && len(all) > 0 {
			if b, ok := all[0].(bool); ok {
				got = map[bool]string{true: "true", false: "false"}[b]
			} else {
				got, err = Text(all[0])
			}
		}
		if expression == `@base64` {
			if err != nil || !strings.HasPrefix(got, "eyJ") {
				t.Errorf("%s yields %q, %v", expression, got, err)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s yields %q, %v, want %q", expression, got, err, want)
		}
	}
}

// TestWhatAnExpressionMayNotAsk is refused when the configuration is read.
func TestWhatAnExpressionMayNotAsk(t *testing.T) {
	t.Setenv("ASTREINTE_HUSH", "hush")
	for _, expression := range []string{
		`.a[`, `nothing_of_that_name`, `input`, `[inputs]`, `env.HOME`, `$ENV.ASTREINTE_HUSH`, `import "x" as x; .`, `include "x"; .`, `$other`,
		`debug`, `halt`, `"x" | halt_error`, `$__meter`, `__check(.)`, `_range(1; 2; 3)`, `def __check(f): .; 1`, `. as $__meter | 1`,
		`def join(f): .; 1`, `getpath(["a"])`, `setpath([100000000]; 1)`, `.a *= 2`, `{a: env}`, `"\(env)"`, `.[env]`, `map(input)`,
		`. as {(env | keys[0]): $x} | $x`, `try input catch .`, `reduce input as $x (0; 1)`, strings.Repeat(" .", MaxText),
		`def f: f; f`, `def f: 1 + f; f`, `def f: [f, f]; f`, `def f: def g: f; g; f`,
	} {
		if p, err := Compile(expression); err == nil {
			got, err := p.All(NewMeter(t.Context(), Steps), 10, map[string]any{})
			t.Errorf("%.80s is run and yields %v, %v", expression, got, err)
		}
	}
}

// TestTheSameEndOnEveryMachine: what ends a run is what it does and not how long
// that takes; and then it is said so.
func TestTheSameEndOnEveryMachine(t *testing.T) {
	if _, err := run(t, `last(repeat(1))`, nil); !errors.Is(err, ErrEndless) {
		t.Errorf("without an end: %v", err)
	}
	p, err := Compile(`last(range(1e5))`)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.All(NewMeter(ctx, Steps), 1, nil); !errors.Is(err, ErrLate) {
		t.Errorf("without time: %v", err)
	}
	m := NewMeter(t.Context(), 3_000_000)
	runs := 0
	for ; runs < 1000; runs++ {
		if _, err = p.All(m, 1, nil); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrEndless) || runs == 0 {
		t.Errorf("%d runs share a meter: %v", runs, err)
	}
}

// TestWhatIsReadIsBounded before anything is made of it.
func TestWhatIsReadIsBounded(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("[", 101) + strings.Repeat("]", 101): "inside of each other",
		strings.Repeat(`{"a":`, 5000):                       "inside of each other",
		"[" + strings.Repeat("1", 401) + "]":                "digits",
		"[" + strings.Repeat("{},", 400_000) + "{}]":        "too many values",
		``:      "not JSON",
		`{} {}`: "more behind",
		`{"a":`: "not JSON",
	} {
		if v, _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s…: %.20v, %v, want %s", text, v, err, want)
		}
	}
	v, _, err := Parse([]byte(`["` + strings.Repeat("é", maxInput) + `"]`))
	if list, ok := v.([]any); err != nil || !ok || len(list[0].(string)) > maxInput+len("…") { //nolint:forcetypeassert // it would fail, too
		t.Errorf("a long text: %v", err)
	}
	deep := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)
	if _, _, err := Parse([]byte(deep + "\n")); err != nil {
		t.Error(err)
	}
	if _, _, err := Parse([]byte(`["` + strings.Repeat(`[{\"`, 500) + `"]`)); err != nil {
		t.Error("what stands in a text is not counted:", err)
	}
}

func TestAnErrorIsShort(t *testing.T) {
	if _, err := run(t, `error("x" * 5000)`, nil); err == nil || len(err.Error()) > longestError+len("…") {
		t.Errorf("%v", err)
	}
}

func FuzzExpressions(f *testing.F) {
	for _, expression := range []string{`.a`, `[range(1e9)]`, `"\(.)" * 3`, `.a += 1`, `reduce .[] as $x (0; . + $x)`, `{a, "b": .c} | to_entries`, `@base64 "x\(.)"`, `.. |= 1`, `join(",")`, `. as [$a, {b: $c}] | $a`} {
		f.Add(expression, message)
	}
	f.Fuzz(func(t *testing.T, expression, body string) {
		p, err := Compile(expression)
		if err != nil || p == nil {
			return
		}
		v, _, err := Parse([]byte(body))
		if err != nil {
			return
		}
		values, err := p.All(NewMeter(t.Context(), 100_000), 100, v)
		if err == nil {
			for _, v := range values {
				_, _ = Text(v)
			}
		}
	})
}
