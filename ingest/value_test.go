package ingest

import (
	"encoding/json"
	"strings"
	"testing"
)

func valueOf(t *testing.T, body string) value {
	t.Helper()
	v := parsedValue([]byte(body))
	if v.to == 0 {
		t.Fatalf("%q is no JSON", body)
	}
	return v
}

// TestValues: what can be read of a body without keeping it.
func TestValues(t *testing.T) {
	v := valueOf(t, `{"a":" x\u00e9 ","b":null,"n":-1.5e3,"yes":true,"o":{"Inner":"1","l":["p",2,{}]},"a2":"","N":7,
		"pairs":{"x":"1","y":2,"z":{},"w":""}, "s":"{\"deep\":\"er\"}", "bad":"{"}`)
	o := v.object("a", "b", "n", "yes", "o", "a2", "pairs", "s", "bad", "missing")
	for name, want := range map[string]string{"a": "xé", "b": "", "n": "7", "yes": "true", "o": "", "a2": "", "missing": ""} {
		if got := o.text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := o.text("a2", "missing", "yes", "a"); got != "true" {
		t.Errorf("the first with a text is %q", got)
	}
	inner := o.object("o", "inner", "l")
	if inner.text("inner") != "1" || len(inner.value("l").elements()) != 3 || inner.value("l").elements()[1].text() != "2" {
		t.Errorf("inside: %q, %d elements", inner.text("inner"), len(inner.value("l").elements()))
	}
	pairs, more := o.value("pairs").pairs()
	if len(pairs) != 2 || pairs["x"] != "1" || pairs["y"] != "2" || more != 0 {
		t.Errorf("%v, %d more", pairs, more)
	}
	if got := o.value("s").inside().object("deep").text("deep"); got != "er" {
		t.Errorf("in the string: %q", got)
	}
	for _, none := range []value{{}, o.value("bad").inside(), o.value("missing").inside(), o.value("n").inside()} {
		if none.kind() != 0 || none.text() != "" || none.elements() != nil || none.object("x").text("x") != "" {
			t.Errorf("%+v is something", none)
		}
		if p, _ := none.pairs(); p != nil {
			t.Errorf("%v", p)
		}
	}
}

// TestValuesAreBounded: of what is long only the beginning is kept.
func TestValuesAreBounded(t *testing.T) {
	long := strings.Repeat("x", 3*longestText)
	o := valueOf(t, `{"a":"`+long+`","l":[`+strings.Repeat("1,", 3*elementsRead)+`1]}`).object("a", "l")
	if n := len(o.text("a")); n > longestText {
		t.Errorf("a text of %d bytes", n)
	}
	if n := len(o.value("l").elements()); n != elementsRead {
		t.Errorf("%d elements", n)
	}
}

// TestForms: the same thing said in each form is the same.
func TestForms(t *testing.T) {
	const said = `{"a":"é&=+% 1","b":"2"}`
	var want map[string]string
	if err := json.Unmarshal([]byte(said), &want); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"JSON":               " " + said,
		"behind its field":   "payload=" + said,
		"encoded":            "payload=%7B%22a%22%3A%22%C3%A9%26%3D%2B%25+1%22%2C%22b%22%3A%222%22%7D",
		"in data":            "x=1&data=%7B%22a%22%3A%22%C3%A9%26%3D%2B%25%201%22%2C%22b%22%3A%222%22%7D",
		"a form":             "a=%C3%A9%26%3D%2B%25+1&b=2&",
		"multipart":          "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n" + said + "\r\n--xyz--\r\n",
		"multipart, no part": "--xyz\nContent-Disposition: form-data; name=data\n\n" + said + "\n--xyz--\n",
	} {
		data, err := jsonOf([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got map[string]string
		if err := json.Unmarshal(data, &got); err != nil || got["a"] != want["a"] || got["b"] != want["b"] {
			t.Errorf("%s: %q is %v, %v", name, data, got, err)
		}
	}
	for name, body := range map[string]string{
		"no such part": "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz--\r\n",
		"cut off":      "--xyz\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{",
		"no escape":    "a=%zz",
		"half of one":  "a=%4",
	} {
		if data, err := jsonOf([]byte(body)); err == nil {
			t.Errorf("%s: %q", name, data)
		}
	}
	if got := string(query("token=secret&a=1&&b=%26")); got != "a=1&&b=%26" && got != "a=1&b=%26" {
		t.Errorf("a query: %q", got)
	}
}

// FuzzForms: no body makes a form that is no JSON, or that is much longer.
func FuzzForms(f *testing.F) {
	for _, body := range []string{`{"a":1}`, "payload={}", "a=1&b=%22%00%ff", "--x\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{}\r\n--x--", "data=%7B%7D", "=", "a=b=c&&", "--"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data, err := jsonOf(body)
		if err != nil {
			return
		}
		if len(data) > 6*len(body)+16 {
			t.Fatalf("%d bytes became %d", len(body), len(data))
		}
		if made := len(data) > 0 && len(body) > 0 && &data[0] != &body[0]; made && data[0] == '{' && body[0] != '{' && !strings.Contains(string(body), "{") && !strings.Contains(string(body), "%7") && !json.Valid(data) {
			t.Fatalf("%q became %q", body, data)
		}
		_ = parsedValue(data)
	})
}
