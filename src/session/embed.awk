# embed.awk: makes the C source of session_wrapper of wrapper.sh, without comments and indentation.
BEGIN {
    print "#include \"session/request.h\"\n"
    print "const char session_wrapper[] ="
}
{ sub(/^[ \t]+/, "") }
/^#/ || /^$/ { next }
{
    sub(/\) # [A-Z].*$/, ")")
    sub(/\{ # [A-Z].*$/, "{")
    gsub(/\\/, "&&")
    gsub(/"/, "\\\"")
    print "    \"" $0 "\\n\""
}
END { print "    ;" }
