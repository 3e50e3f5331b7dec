package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// A ${NAME} without quotes between { and } is no YAML. The error says so, and
// names its line.
func TestAVariableInAFlowMappingGetsAHint(t *testing.T) {
	const hint = "a ${NAME} is put in quotes"
	for text, line := range map[string]int{
		"sources:\n  p: {type: alertmanager, token: ${TOKEN}}\n":                 2,
		"sources:\n  p: { type: alertmanager, token: ${TOKEN} }\nlanguage: fr\n": 2,
		"sources:\n  p: {token: ${TOKEN}, type: alertmanager}\n":                 2,
		"sources:\n  p: {type: alertmanager,\n     token: x${TOKEN}\n  }\n":      3,
		"server: {public_url: https://${HOST}}\n":                                1,
		"sms:\n  twilio: {from: d'A, auth_token: ${T}}\n":                        2,
		"people:\n  alice: {name: \"A ${B}\", phones: [${PHONE}]}\n":             2,
		"include: [${DIR}]\n": 1,
		"api:\n  tokens:\n    - {name: ops, token: ${TOKEN}, role: admin} # {or not}\n": 3,
	} {
		_, report := parseText(t, text, map[string]string{"TOKEN": "x"})
		if len(report.Errors) != 1 || report.Errors[0].Line != line || !strings.Contains(report.Errors[0].Message, hint) {
			t.Errorf("%q: %v, want line %d", text, report.Errors, line)
		}
	}
	for _, text := range []string{
		"a: [\nb: \"{${X}}\"\n", "a: [b\n# {x: ${X}}\n", "a: ${X}\nb: [c: }\n",
	} {
		_, report := parseText(t, text, map[string]string{"X": "x"})
		if len(report.Errors) == 0 || strings.Contains(report.Errors[0].Message, hint) {
			t.Errorf("%q: %v", text, report.Errors)
		}
	}
}

// Some editors begin a file with a byte order mark.
func TestByteOrderMarks(t *testing.T) {
	const bom = "\ufeff"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "p.token"), bom+"hush-hush-hush-hush\r\n")
	write(t, filepath.Join(dir, "a.yml"), bom+"language: fr\n")
	write(t, filepath.Join(dir, "main.yml"), bom+"include: [a.yml]\n"+smallest+"sources:\n  p: {type: alertmanager, token_file: p.token}\n")
	cfg, report := Load(filepath.Join(dir, "main.yml"), Options{Now: saturday})
	wantErrors(t, report.Errors)
	if cfg == nil || cfg.Sources[0].Token.Reveal() != "hush-hush-hush-hush" || cfg.Rules.Language != "fr" {
		t.Fatalf("%+v", cfg)
	}
	write(t, filepath.Join(dir, "p.token"), bom+"\n")
	_, report = Load(filepath.Join(dir, "main.yml"), Options{Now: saturday})
	wantErrors(t, report.Errors, "sources.p.token_file: the secret file p.token is empty")
}
