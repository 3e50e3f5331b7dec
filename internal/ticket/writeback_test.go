package ticket

import "testing"

func TestMarks(t *testing.T) {
	ours, other, none := MarkOf("https://astreinte.example.net"), MarkOf("https://pager.example.net/two"), MarkOf("")
	if ours == other || len(ours) != markLength || none != "" || ours != MarkOf("https://Astreinte.example.net/") {
		t.Fatalf("%q, %q, %q", ours, other, none)
	}
	const number = "I261127_0001"
	for _, one := range []struct {
		text             string
		ours, echo, bare bool
	}{
		{ours.On(number) + ": Alice has it", true, true, false},
		{other.On(number) + ": Alice has it", false, false, false},
		{none.On(number) + ": Alice has it", true, true, true},
		{ours.On("I261127_00012") + " : x", false, true, false},
		{"Alice: " + ours.On(number), false, false, false},
		{number + " (Astreinte soon)", false, false, false},
		{"", false, false, false},
	} {
		r := &Remark{Text: one.text}
		if got := ours.Signs(one.text, number); got != one.ours {
			t.Errorf("%q is ours of the ticket: %v", one.text, got)
		}
		if _, got := ours.Echo(r); got != one.echo {
			t.Errorf("%q is an echo: %v", one.text, got)
		}
		if of, got := none.Echo(r); got != one.bare || got && of != number {
			t.Errorf("%q is an echo of one without an address: %v of %q", one.text, got, of)
		}
	}
	if _, echo := ours.Echo(nil); echo {
		t.Error("no remark is an echo")
	}
}
