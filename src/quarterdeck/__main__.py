from quarterdeck.site.cli import main

main()
