# embed.awk: makes the C source of a string of a shell script, without comments and indentation.
#
#     awk -v name=session_wrapper -v header=session/request.h -f embed.awk wrapper.sh
BEGIN {
    print "#include \"" header "\"\n"
    print "const char " name "[] ="
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
