package answer

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

func TestParseAnswer(t *testing.T) {
	const token = "k3J9x2QpLm7T"
	ack := func(code int) Answer { return Answer{Verb: VerbAcknowledge, Code: code} }
	for _, c := range []struct {
		in   string
		want Answer
	}{
		// Acknowledge, in every spelling.
		{"12", ack(12)},
		{"12 OK", ack(12)},
		{"12ok", ack(12)},
		{"12 OK.", ack(12)},
		{"OK 12", ack(12)},
		{"ok 12 !", ack(12)},
		{"ok12", ack(12)},
		{"  Ok :  12\n", ack(12)},
		{"#12 ok", ack(12)},
		{"12 oui", ack(12)},
		{"sì 12", ack(12)},
		{"SI", ack(0)},
		{"YES", ack(0)},
		{"Oui.", ack(0)},
		{"ack", ack(0)},
		{"A", ack(0)},
		{"12a", ack(12)},
		{"👍", ack(0)},
		{"👍🏽", ack(0)},
		{"👍🏿👍", ack(0)},
		{"12 👍🏻", ack(12)},
		{"OK 👍", ack(0)},
		{"ok ok", ack(0)},
		{"\u200b12\u00a0O\u200dK\ufeff", ack(12)},
		{"１２　ＯＫ", ack(12)},
		{"1️⃣2️⃣ ok", ack(12)},
		{"(12) \"OK\"", ack(12)},
		{"12 OK\nenvoyé de mon téléphone", ack(12)},
		{"\n\n  \n12 OK\r\nsuite", ack(12)},
		{"9999 ok", ack(9999)},

		// The other verbs.
		{"12 GO", Answer{Verb: VerbPickUp, Code: 12}},
		{"go", Answer{Verb: VerbPickUp}},
		{"12 Z", Answer{Verb: VerbSnooze, Code: 12}},
		{"z", Answer{Verb: VerbSnooze}},
		{"12 Z 45", Answer{Verb: VerbNote, Code: 12, Note: "Z 45", Text: "12 Z 45"}},
		{"12 T", Answer{Verb: VerbRecheck, Code: 12}},
		{"r 12", Answer{Verb: VerbRecheck, Code: 12}},
		{"12 e", Answer{Verb: VerbEscalate, Code: 12}},
		{"12 É", Answer{Verb: VerbEscalate, Code: 12}},
		{"12 NON", Answer{Verb: VerbEscalate, Code: 12}},
		{"no!", Answer{Verb: VerbEscalate}},
		{"12 FIN", Answer{Verb: VerbResolve, Code: 12}},
		{"fine 12", Answer{Verb: VerbResolve, Code: 12}},
		{"Done", Answer{Verb: VerbResolve}},
		{"12 undo", Answer{Verb: VerbUndo, Code: 12}},
		{"?", Answer{Verb: VerbList}},
		{" ?? ", Answer{Verb: VerbList}},
		{"12 ?", Answer{Verb: VerbList, Code: 12}},
		{"Tout", Answer{Verb: VerbAcknowledgeAll}},
		{"TUTTO", Answer{Verb: VerbAcknowledgeAll}},
		{"all.", Answer{Verb: VerbAcknowledgeAll}},

		// Who is on call.
		{"GARDE", Answer{Verb: VerbDuty}},
		{"duty?", Answer{Verb: VerbDuty}},
		{"Turno 8h", Answer{Verb: VerbDuty, Duty: DutyAsk{Hours: 8}}},
		{"garde 8 heures", Answer{Verb: VerbDuty, Duty: DutyAsk{Hours: 8}}},
		{"garde8h", Answer{Verb: VerbDuty, Duty: DutyAsk{Hours: 8}}},
		{"DUTY 2 8h", Answer{Verb: VerbDuty, Duty: DutyAsk{Group: 2, Hours: 8}}},
		{"GARDE 0", Answer{Verb: VerbDuty, Duty: DutyAsk{Back: true}}},
		{"GARDE 0h", Answer{Verb: VerbDuty, Duty: DutyAsk{Back: true}}},
		{"GARDE 2 0", Answer{Verb: VerbDuty, Duty: DutyAsk{Group: 2, Back: true}}},
		{"GARDE 2", Answer{Verb: VerbDuty, Duty: DutyAsk{Group: 2}}},
		{"GARDE 99h", Answer{Verb: VerbDuty, Duty: DutyAsk{Hours: 99}}},
		{"GARDE 1.5h", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"GARDE 8h30", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"GARDE 8:30", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"GARDE 2 8", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"GARDE 0 8h", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"GARDE 8j", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"GARDE 999999999999999999999h", Answer{Verb: VerbDuty, Duty: DutyAsk{Wrong: true}}},
		{"duty manager is called", Answer{Verb: VerbNote, Note: "duty manager is called"}},
		{"garde 2 serveurs de plus en panne", Answer{Verb: VerbNote, Note: "garde 2 serveurs de plus en panne"}},

		// Notes.
		{"12 N on it", Answer{Verb: VerbNote, Code: 12, Note: "on it"}},
		{"12 n: Je redémarre srv-01", Answer{Verb: VerbNote, Code: 12, Note: "Je redémarre srv-01"}},
		{"12N reboot", Answer{Verb: VerbNote, Code: 12, Note: "reboot"}},
		{"12 N - 13 go", Answer{Verb: VerbNote, Code: 12, Note: "13 go"}},
		{"N je regarde", Answer{Verb: VerbNote, Note: "je regarde"}},
		{"N je regarde 12", Answer{Verb: VerbNote, Note: "je regarde 12"}},
		{"N 12 j'y vais", Answer{Verb: VerbNote, Code: 12, Note: "j'y vais", Text: "12 j'y vais"}},
		{"n'est pas grave", Answer{Verb: VerbNote, Note: "n'est pas grave"}},
		{"12 n'est pas grave", Answer{Verb: VerbNote, Code: 12, Note: "n'est pas grave", Text: "12 n'est pas grave"}},
		{"12 je regarde", Answer{Verb: VerbNote, Code: 12, Note: "je regarde", Text: "12 je regarde"}},
		{"je regarde 12", Answer{Verb: VerbNote, Code: 12, Note: "je regarde 12", Text: "je regarde 12"}},
		{"12 ok j'arrive", Answer{Verb: VerbNote, Code: 12, Note: "ok j'arrive", Text: "12 ok j'arrive"}},
		{"30 serveurs", Answer{Verb: VerbNote, Code: 30, Note: "serveurs", Text: "30 serveurs"}},
		{"2 serveurs", Answer{Verb: VerbNote, Note: "2 serveurs"}},
		{"12h30 je repasse", Answer{Verb: VerbNote, Note: "12h30 je repasse"}},
		{"95% full", Answer{Verb: VerbNote, Note: "95% full"}},
		{"12:30 ok", Answer{Verb: VerbNote, Note: "12:30 ok"}},
		{"12 13 OK", Answer{Verb: VerbNote, Note: "12 13 OK"}},
		{"OK 12 13", Answer{Verb: VerbNote, Note: "OK 12 13"}},
		{"12 ok no", Answer{Verb: VerbNote, Code: 12, Note: "ok no", Text: "12 ok no"}},
		{"12 TOUT", Answer{Verb: VerbNote, Code: 12, Note: "TOUT", Text: "12 TOUT"}},
		{"tout ok", Answer{Verb: VerbNote, Note: "tout ok"}},
		{"12 👎", Answer{Verb: VerbNote, Code: 12, Note: "👎", Text: "12 👎"}},
		{"okay", Answer{Verb: VerbNote, Note: "okay"}},
		{"12 N", Answer{Verb: VerbNote, Code: 12, Note: "N", Text: "12 N"}},
		{"N", Answer{Verb: VerbNote, Note: "N"}},
		{"STOP", Answer{Verb: VerbNote, Note: "STOP"}},
		{"012 ok", Answer{Verb: VerbNote, Note: "012 ok"}},
		{"10", Answer{Verb: VerbNote, Note: "10"}},
		{"12345 ok", Answer{Verb: VerbNote, Note: "12345 ok"}},
		{"+33612345678 ok", Answer{Verb: VerbNote, Note: "+33612345678 ok"}},
		{"reboot 10.0.0.12", Answer{Verb: VerbNote, Note: "reboot 10.0.0.12"}},
		{"REPLY 12 OK", Answer{Verb: VerbNote, Note: "REPLY 12 OK"}},
		{"j'ai relancé 👨‍🔧 le\tservice\x00 !", Answer{Verb: VerbNote, Note: "j'ai relancé 👨‍🔧 le service !"}},
		{"he said “no” again", Answer{Verb: VerbNote, Note: "he said “no” again"}},
		{`A relancé "nginx" sur srv`, Answer{Verb: VerbNote, Note: `A relancé "nginx" sur srv`}},

		// Tokens.
		{token, Answer{Verb: VerbToken, Token: token, Note: token}},
		{" " + token + ". \n", Answer{Verb: VerbToken, Token: token, Note: token + "."}},
		{
			"https://astreinte.example.net/a/" + token,
			Answer{Verb: VerbToken, Token: token, Note: "https://astreinte.example.net/a/" + token},
		},
		{"<http://x.example/a/" + token + "?x=1>", Answer{Verb: VerbToken, Token: token, Note: "<http://x.example/a/" + token + "?x=1>"}},
		{"intervention1", Answer{Verb: VerbToken, Token: "intervention1", Note: "intervention1"}},
		{"courtestring", Answer{Verb: VerbToken, Token: "courtestring", Note: "courtestring"}},
		{"elevenchars", Answer{Verb: VerbNote, Note: "elevenchars"}},
		{"https://x.example/b/" + token, Answer{Verb: VerbNote, Note: "https://x.example/b/" + token}},
		{token + " " + token, Answer{Verb: VerbNote, Note: token + " " + token}},

		// Nothing.
		{"", Answer{}},
		{" \n\t\u200b\n", Answer{}},
		{"...", Answer{}},
		{"\xff\xfe", Answer{}},
	} {
		if got := ParseAnswer(c.in); got != c.want {
			t.Errorf("ParseAnswer(%q) = %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestParseAnswerQuotations(t *testing.T) {
	page := words.SMS("fr", exampleFacts())
	for _, before := range []string{
		"Liked ", "Loved ", "Disliked ", "Emphasized ", "Laughed at ", "Questioned ", "Reacted 👍 to ", "👍 to ", "👍🏽 to ",
		"Removed a like from ", "Removed 👍 from ", "\u200aReacted \u200b👍\u200b to ",
		"A aimé ", "A adoré ", "N’a pas aimé ", "A ri de ", "A réagi avec 👍 à ", "A ajouté un « J’aime » à ",
		"a attribué la mention « J’aime » à ", "A retiré un J’aime de ",
		"Ha messo “Mi piace” a ", "Ha riso a ", "Ha reagito con 👍 a ", "👍 a ", "👍 ",
	} {
		for _, marks := range [][2]string{{"“", "”"}, {`"`, `"`}, {"« ", " »"}, {"«", "»"}, {"‘", "’"}} {
			for _, text := range []string{page, "12 PRIS 03:14. 12 GO en commencant", "12 OK", "CRITIQUE Acme…"} {
				quoted := before + marks[0] + text + marks[1]
				if got := ParseAnswer(quoted); got != (Answer{}) {
					t.Errorf("ParseAnswer(%q) = %+v, want nothing", quoted, got)
				}
				added := quoted + ".\n12 GO"
				if got, want := ParseAnswer(added), (Answer{Verb: VerbPickUp, Code: 12}); got != want {
					t.Errorf("ParseAnswer(%q) = %+v, want %+v", added, got, want)
				}
			}
		}
	}
	for _, c := range []struct {
		name, in string
		want     Answer
	}{
		{"whole page", page, Answer{}},
		{"whole page, quoted", "“" + page + "”", Answer{}},
		{"marked lines", "> " + strings.ReplaceAll(page, "\n", "\n> "), Answer{}},
		{"on one line", strings.ReplaceAll(page, "\n", " "), Answer{}},
		{"cut off", "Liked “" + page[:90], Answer{}},
		{"answer above", "12 OK\n\n" + page, Answer{Verb: VerbAcknowledge, Code: 12}},
		{"answer below", page + "\n12 OK", Answer{Verb: VerbAcknowledge, Code: 12}},
		{"answer below marked lines", "> " + page[:40] + "\n12 GO", Answer{Verb: VerbPickUp, Code: 12}},
		{"reaction and answer", "Liked “" + page + "” 12 OK", Answer{Verb: VerbAcknowledge, Code: 12}},
		{"two quotations", "Liked “a” “12 OK”", Answer{}},
		{"two pages", page + "\n" + words.SMS("it", exampleFacts()), Answer{}},
		{"an answer above the answers alone", "12 OK\n" + strings.Split(page, "\n")[1], Answer{Verb: VerbAcknowledge, Code: 12}},
	} {
		if got := ParseAnswer(c.in); got != c.want {
			t.Errorf("%s: ParseAnswer(%q) = %+v, want %+v", c.name, c.in, got, c.want)
		}
	}
}

func TestParseAnswerBounds(t *testing.T) {
	a := ParseAnswer("12 N " + strings.Repeat("é", 1<<20))
	if a.Code != 12 || len(a.Note) > ticket.MaxNote || len(a.Note) < ticket.MaxNote-2 || !strings.HasSuffix(a.Note, ")") {
		t.Errorf("a text of 2 MB is a note of %d bytes on %d", len(a.Note), a.Code)
	}
	if again := ParseAnswer(a.String()); again.Note != a.Note || again.Code != 12 {
		t.Errorf("read again it is %d bytes on %d", len(again.Note), again.Code)
	}
	whole := strings.Repeat("é", 1600) // as long as carriers bring
	if a := ParseAnswer("12 N " + whole); a.Note != whole {
		t.Errorf("a text of 1,600 characters is a note of %d bytes", len(a.Note))
	}
}

func FuzzParseAnswer(f *testing.F) {
	page := words.SMS("fr", exampleFacts())
	for _, s := range []string{
		"12 OK", "N 12 je regarde", "12 n'est", "👍🏽 to “" + page + "”", page + "\n12 GO", "> a\n?", "12 ?", "k3J9x2QpLm7T",
		"１２ｏｋ", "12 13", "je regarde (12)", "12, - x", "\u200d", "N\u0301 a", "e\u0301 12", "«»", "Liked “", "12 N N ?", "\xff", "GARDE 2 8h", "turno 0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		a := ParseAnswer(body)
		if a.Code != 0 && (a.Code < leastCode || a.Code > words.MostCode) {
			t.Fatalf("ParseAnswer(%q): code %d", body, a.Code)
		}
		if (a.Verb == VerbNote || a.Verb == VerbToken) == (a.Note == "") {
			t.Fatalf("ParseAnswer(%q) = %+v: a note where there is none, or none where there is one", body, a)
		}
		again := ParseAnswer(a.String())
		if a.Verb == VerbToken {
			a.Note, again.Note = "", "" // the line around it
		}
		if a.Text, again.Text = "", ""; again != a {
			t.Fatalf("ParseAnswer(%q) = %+v, and again from %q: %+v", body, a, a.String(), again)
		}
	})
}

// exampleFacts are those of a critical page in the night.
func exampleFacts() words.Facts {
	paris := time.FixedZone("CET", 3600)
	at := func(h, m int) time.Time { return time.Date(2026, 11, 21, h, m, 0, 0, paris).UTC() }
	return words.Facts{
		Kind: ticket.KindPage, Number: "I261121_0001", Urgency: ticket.Critical,
		Customer: "Acme", Site: "Givrand", Title: "srv-db-01 HostDown",
		Since: at(3, 12), GTIDue: at(4, 12), Location: paris, Now: at(3, 12),
		Code: 12, Link: "https://astreinte.example.net/a/k3J9x2QpLm7T", Firing: 1,
	}
}
