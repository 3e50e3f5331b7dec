package customer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

func newChecker(t *testing.T) *checker {
	t.Helper()
	directory, err := contacts.NewDirectory([]contacts.Person{{Key: "alice", Name: "Alice", Phones: []string{"+33612345601"}}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &checker{scope: ticket.Everything(), rules: &escalation.Rules{
		Directory: directory, Location: time.UTC, Customers: []escalation.Customer{{Key: "acme"}, {Key: "roma", Phones: []string{"+390612345678"}}},
	}}
}

// told is a line of a sheet as a test has it.
func told(l *line) string {
	if l.err != nil {
		return fmt.Sprintf("%d bad: %v", l.at, l.err)
	}
	c := ticket.Contact{}
	l.change.apply(&c)
	marks := ""
	if c.Strategic {
		marks = " strategic"
	}
	return fmt.Sprintf("%d %s|%s|%s|%s|%s%s", l.at, c.Customer, c.Ref, c.Name, strings.Join(c.Emails, " "), strings.Join(c.Phones, " "), marks)
}

func latin(text string) string {
	b, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		panic(err) // the test's own
	}
	return b
}

// TestSheets reads what programs of sheets write.
func TestSheets(t *testing.T) {
	k := newChecker(t)
	for name, c := range map[string]struct {
		file, customer string
		mapped         map[string]string
		want           []string
	}{
		"commas in words": {"name,ref,notes\nAda,1,\"" + strings.Repeat("a,", 60) + "\"\n", "acme", nil, []string{"2 acme|1|Ada||"}},
		"semicolons":      {"Nom;Courriel;Téléphone\nÉva;Eva@x.fr;02 40 11 22 33\n", "acme", nil, []string{"2 acme||Éva|eva@x.fr|+33240112233"}},
		"commas, a mark":  {"\xef\xbb\xbfname,email,phone,customer\r\nAda,a@x.fr,+33 6 12 34 56 78,acme\r\n\r\nBob,b@x.fr,,roma\r\n", "", nil, []string{"2 acme||Ada|a@x.fr|+33612345678", "4 roma||Bob|b@x.fr|"}},
		"tabs":            {"name\temail\nAda\ta@x.fr\n", "acme", nil, []string{"2 acme||Ada|a@x.fr|"}},
		"Windows-1252":    {latin("Prénom;Nom;E-mail;Stratégique\nÉva;Lefèvre;e@x.fr;oui\n"), "acme", nil, []string{"2 acme||Éva Lefèvre|e@x.fr| strategic"}}, //nolint:misspell // it is French
		"Excel's mark":    {"sep=;\nname;email\nAda;a@x.fr\n", "acme", nil, []string{"3 acme||Ada|a@x.fr|"}},
		"quotes":          {"name,email,notes\n\"Doe, \"\"Jo\"\"\",j@x.fr,\"two\nlines\"\nBob,b@x.fr,\n", "acme", nil, []string{`2 acme||Doe, "Jo"|j@x.fr|`, "4 acme||Bob|b@x.fr|"}},
		"columns by name": {"Qui;Poste;Clef\nAda;0240112233;K1\n", "acme", map[string]string{"Qui": "name", "Poste": "phones", "Clef": "ref"}, []string{"2 acme|K1|Ada||+33240112233"}},
		"several numbers": {"name,mobile,fixe,email\nAda,0612345678,0240112233,a@x.fr; b@x.fr\n", "acme", nil, []string{"2 acme||Ada|a@x.fr b@x.fr|+33612345678 +33240112233"}},
		"of its country":  {"name,ref,phone\nAda,1,06 1234 5678\n", "roma", nil, []string{"2 roma|1|Ada||+390612345678"}},
		"formulas":        {"name,ref,phone\n'=1+1,'-7,'+33240112233\n", "acme", nil, []string{"2 acme|-7|=1+1||+33240112233"}},
		"HTML":            {"name,ref\n<script>alert(1)</script>,1\n", "acme", nil, []string{"2 acme|1|<script>alert(1)</script>||"}},
		"bad lines": {
			"name,email,phone,strategic\n,x@x.fr,,\nAda,nothing,,\nBob,,,\nCid,c@x.fr,12,\nDoe,d@x.fr,,perhaps\nEve,e@x.fr\n", "acme", nil, []string{
				"2 bad: name: it is needed", `3 bad: emails: "nothing" is no address like marc@example.com`, "4 bad: emails: an address or a reference is needed, by which the contact is known again",
				`5 bad: phones: "12" is no number: it is too long or too short for its country`, `6 bad: strategic: yes or no is wanted, not "perhaps"`, "7 acme||Eve|e@x.fr|",
			},
		},
		"no such customer":    {"name,ref,customer\nAda,1,globex\n", "", nil, []string{`2 bad: customer: no customer has the key "globex"`}},
		"quotes do not end":   {"name,ref\nAda,1\n\"Bob,2\nCid,3\n", "acme", nil, []string{"2 acme|1|Ada||", "3 bad: : its quotes do not fit: what follows was not read"}},
		"a line of 3 MB":      {"name,ref\n" + strings.Repeat("x", 3<<20) + ",1\nBob,2\n", "acme", nil, []string{"2 bad: : 8192 bytes at most, not 3145729", "3 acme|2|Bob||"}},
		"a number of letters": {"name,ref,phone\nAda,1,call me\n", "acme", nil, []string{`2 bad: phones: "call me" is no number: digits are wanted, as +33 2 40 11 22 33`}},
	} {
		s, err := k.readSheet([]byte(c.file), c.customer, c.mapped)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for i := range s.lines {
			got = append(got, told(&s.lines[i]))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// TestNoSheet: what is no file of contacts is refused as a whole, with why.
func TestNoSheet(t *testing.T) {
	k := newChecker(t)
	for name, c := range map[string]struct{ file, customer, want string }{
		"nothing":       {"", "acme", "its first line names no columns"},
		"zero bytes":    {"name,ref\nAda\x00,1\n", "acme", "it has zero bytes"},
		"UTF-16":        {"\xff\xfen\x00", "acme", "it is UTF-16"},
		"a workbook":    {"PK\x03\x04…", "acme", "it is a workbook"},
		"no name":       {"ref,email\n1,a@x.fr\n", "acme", "no column is a name"},
		"no key":        {"name,site\nAda,Nantes\n", "acme", "no column is an address or a reference"},
		"no customer":   {"name,ref\nAda,1\n", "", "no column is a customer"},
		"many lines":    {"name,ref\n" + strings.Repeat("Ada,1\n", ticket.MaxContactLines+1), "acme", "too many lines"},
		"many columns":  {strings.Repeat("name,", 60) + "\n", "acme", "too many columns"},
		"a wide line":   {"name,ref\nAda,1\nBob,2" + strings.Repeat(",", 60) + "\n", "acme", "a line of it has too many columns"},
		"a strange sep": {"sep=é\n", "acme", "no column is a name"},
	} {
		s, err := k.readSheet([]byte(c.file), c.customer, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || web.StatusOf(err) != 400 {
			t.Errorf("%s: %v, %+v", name, err, s)
		}
	}
}

// TestASheetComesBack: what is exported is what is imported, with nothing in it that a
// program of sheets would run.
func TestASheetComesBack(t *testing.T) {
	k := newChecker(t)
	list := []ticket.Contact{{
		ID: "c1", Ref: "=cmd|' /C calc'!A0", Customer: "acme", Name: "@SUM(1+1)", Emails: []string{"a@x.fr", "b@x.fr"}, Phones: []string{"+33240112233", "+33612345678"},
		Site: "-Nantes", Language: "fr", Strategic: true, AddsDocuments: true, Notes: "'quoted'\n+1",
	}}
	var file bytes.Buffer
	if err := csv.NewWriter(&file).WriteAll(append([][]string{headOfSheet()}, rowsOf(list)...)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(file.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range rows[1] {
		if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
			t.Errorf("a formula: %q", cell)
		}
	}
	s, err := k.readSheet(file.Bytes(), "", nil)
	if err != nil || len(s.lines) != 1 || s.lines[0].err != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	c := ticket.Contact{ID: "c1"}
	s.lines[0].change.apply(&c)
	if !c.Same(&list[0]) {
		t.Errorf("%+v\nbecame %+v", list[0], c)
	}
}

// TestNoSheetCostsMuch: the worst file within the limit is read in a time that nobody
// waits for.
func TestNoSheetCostsMuch(t *testing.T) {
	k := newChecker(t)
	for name, row := range map[string]string{
		"numbers": strings.Repeat("0240112233;", 60), "addresses": strings.Repeat("a@x.fr,", 100), "quotes": strings.Repeat(`""`, 300), "marks": strings.Repeat("\u0301", 300),
	} {
		file := "name\tref\tphones\temails\tnotes\n" + strings.Repeat(row+"\t1\t"+row+"\t"+row+"\t"+row+"\n", ticket.MaxContactFile/4/len(row)/2)
		began := time.Now()
		_, err := k.readSheet([]byte(file[:min(len(file), ticket.MaxContactFile)]), "acme", nil)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: %s, %v", name, took, err)
		} else {
			t.Logf("%s: %s", name, took)
		}
	}
}

func TestFieldErrorNamesBoth(t *testing.T) {
	var field *FieldError
	if err := wrongf("name", "it is %s", "x"); !errors.As(err, &field) || err.Error() != "name: it is x" {
		t.Error(err)
	}
}
