"""Common given names: enough to tell "Light Bringer - Pierce Brown" from "Author - Title".

Names that are as common a word in titles (Hope, Summer, Faith) are left out.
"""

GIVEN_NAMES = frozenset(
    """
    aaron abby abdul abigail abraham ada adam adele adolfo adrian adriana agatha agnes agustina
    aidan aimee aisha akira akwaeke alan alasdair alastair albert albertine alberto aldo aldous
    alec alejandro aleron alessandro alex alexander alexandra alexandre alexis alfonso alfred
    ali alice alisa alison allen allie allison alma alyssa amal amalia amanda ambrose amelia
    amin amina amitav amor amos amy anais anatole anders andre andrea andrew andrzej andy angela
    angelica angelo angie angus anil anita anja anjali ann anna annabel annabelle annalee anne
    anneliese annette annie ansel anthea anthony antoine anton antonia antonio anuk anya archie
    ariel arkady arlene armistead arnaldur arne arnold arthur arturo arundhati asher ashley
    ashok astra astrid atul audrey ava axel ayaan ayana azar bahni banana barack barbara barbra
    barry bartholomew bastian beatrice beatrix beatriz becky bella ben benedetta benedict
    benjamin benny bernadette bernard bernd bernhard bernice bertolt bertram bessie beth bettany
    bettina betty beverly bianca bill birgit bjorn blake bob bohumil bonnie boris boyd brad
    bradley brady bram brandon brenda brendan brent bret brett brian bridget brigitte brit britt
    brittany bronson bruce bruno bryan bryce bryn burton caitlin caleb callum calvin cameron
    camila camilla candace candice carey carl carla carlo carlos carmen carol caroline carolyn
    carrie carson caryl casey cassandra cassidy cassius cathal catherine cathy cecelia cecil
    cecilia celeste celia celine cesar chad chaim chantal charlaine charles charlie charlotte
    charmaine cherie cheryl chiara chimamanda chinua chloe chris chrissy christa christian
    christina christine christof christoph christopher chuck cilla cindy cixin claire clara
    clare clarence clarissa clarke claude claudia claudio clayton clifford clive clyde cody
    colin colleen colson colum conn connie connor conor constance corinne cormac cornelia
    cornelius cory courtney craig cressida cristina curtis cynthia cyril daana daisy dakota
    dalia damian damien damon dan dana daniel daniela danielle danilo danny daphne dario daron
    darrell darren darryl dave david davide dawn dean deanna deb debbie debora deborah debra
    deirdre delia delphine denis denise dennis derek dermot desmond devin dexter diana diane
    dick diego dieter dimitri dina dinah dion dmitry dolores dominic dominique don donal donald
    donna doreen dorian doris dorothea dorothy dorthe doug douglas drew duncan dustin dwayne
    dylan eamon eckhart ed eddie edgar edie edith edmund edoardo eduard eduardo edward edwidge
    efren efua egon eileen eilis elaine elana eleanor elena elia elias elie elif elinor elio
    elisa elisabeth elise eliza elizabeth ella ellen ellery ellie elliot elliott elmore eloise
    elsa elspeth elvira emanuel emelie emiko emil emile emilia emilie emilio emily emma emmanuel
    emmanuelle emmett enid enrico enrique eoin eric erica erich erik erika erin erlend erling
    ernest ernesto ernst erwin esi esme esmeralda esteban esther etgar ethan etienne euan eudora
    eugene eugenia eva evan evelyn evgeny ezra fabian fabio fannie farah farid fatima federica
    federico felicia felicity felix ferdinand fergus fernanda fernando filip filippo fiona
    flannery flora florence florian fonda frances francesca francesco francis franco francois
    francoise frank frankie franklin franz franziska fred freddie frederick freida frida frieda
    fritjof fritz fumiko fyodor gabby gabriel gabriela gabriele gabriella gabrielle gail garrett
    garry garth gary gaston gavin gayle geir gemma gene genevieve geoffrey georg george georges
    georgette georgia georgina gerald geraldine gerard gerd gerhard gerrit gerry gertrude
    giacomo gianrico gideon gilbert giles gillian gina giorgio giovanni giulia giuseppe glen
    glenda glenn glennon gloria gordon gosta grace graciela graeme graham greg gregor gregory
    greta gretchen grover gudrun guido guillaume guillermo gunnar gunter gustav gustave guy gwen
    gwendolyn hakan halldor hamish hanif hanna hannah hanne hannes hans hanya hari harlan harlow
    harold harper harriet harry haruki harvey hayley heath heather hector heidi heinrich heinz
    helen helena helene helga hendrik henning henri henrik henry herbert herman hermann hernan
    hilary hiro hiroko hiromi hiroshi hjalmar holger holly honore horace howard hubert hugh hugo
    humphrey ian ibram ida ignacio igor ilan ilka ilona imani imogen inga inger ingo ingrid
    ioana irene irina iris irmgard irvine irving isaac isabel isabella isabelle isla ismael
    ismail italo itamar ivan ivana ivar ivo jacinta jack jackie jaclyn jaclynn jacob jacqueline
    jacques jacqui jada jaime jaimie jake jakob jamal james jamie jamila jan jana jane janelle
    janet janette janice janine jann jannik jared jarvis jasmine jason javier jay jaye jaymie
    jayne jean jeanette jeanine jeanne jed jeff jefferson jeffery jeffrey jelena jen jenn jenna
    jenni jennie jennifer jenny jeremiah jeremy jeri jerome jerri jerry jerzy jessamyn jesse
    jessica jhumpa jill jillian jim jimmy jo joachim joan joann joanna joanne joao joaquin
    jocelyn jochen jodi jodie jody joe joel joelle johan johann johanna johanne johannes john
    johnny jojo jon jonas jonathan jonathon jordan jordi jorg jorge joris jose josef josefina
    joseph josephine josh joshua joy joyce juan jude judith judy jules juli julia julian juliana
    julianne julie julien juliet julieta juliette julius jun junichi junot jussi justin jutta
    kai kaitlyn kaliane kamel kami kamila kara karel karen karim karin karina karl karla
    karolina karsten kasper katarina kate katerina katharina katharine kathe katherine kathi
    kathleen kathryn kathy katie katja katrin katrina katrine kay kayla kazuo keigo keiko keira
    keisha keith kelley kelli kelly kelsey ken kendra kenneth kerri kerry kevan kevin khaled
    kieran kiersten kiley kim kira kirby kirk kirsten kirsty klara klaus kobna kobo koji kristen
    kristi kristian kristin kristina kristine kristy kurt kurtis kyle kylie laila laini lana
    lara larissa larry lars latoya laura laurel lauren laurence laurent laurie lawrence leah
    leandro leann leanne lee leena leif leigh leila lena lenora leo leona leonard leonardo
    leonid leonie leonora leopold leroy leslie lester leticia lev levi lewis lexi liam liane
    libba libby lidia lieke lilian liliana lillian lily linda lindsay lindsey linn linnea lionel
    lisa lisbeth lisette liv liz liza lloyd lois lora loren lorena lorenzo loretta lori lorna
    lorraine lothar lotte lou louann louie louis louisa louise luca lucas lucia lucian luciana
    luciano lucien lucinda lucius lucy ludwig luigi luis luisa lukas luke luz lydia lynda
    lynette lynn lynne lynsay mabel mackenzie madeline maeve maggie magnus malala malcolm malin
    malorie mandy manfred manuel marc marcel marcello marcia marco marcus marcy mareike marek
    margaret margareta margarete margarita marge margery margo margot marguerite maria mariah
    mariam marian mariana marianne marie marieke mariel marilyn marilynn marilynne marina mario
    marion marisa marissa marita marjan marjane marjorie mark markus marla marlene marlis marlon
    marsha marta martha marti martin marty marvin mary maryanne maryse masashi mathias mathilde
    matilda matt matteo matthew matthias mattias maud maureen maurice mauricio maurizio max
    maxim maxine maya mayra meera meg megan meghan mehmet melanie melinda melissa mercedes
    meredith merete meryl mia micaela michael michaela michal michel michelangelo michele
    michelle mick mieke miguel mikael mike mikhail mikkel milan milena milton mindy minna mira
    miranda miriam mitch mitchel mohamed mohammed mohsin moira molly mona monica monika monique
    montserrat mordecai morgan morten moshe muhammad muriel mustafa myra nadeem nadezhda nadia
    nadine nagib naguib nalini nancy naoise naoko naomi naseem nasir nassim natalia natalie
    natalya natasha nathalie nathan nathaniel neal ned neel neil nella nelly nelson nessa ngugi
    nicholas nichole nick nicki nico nicola nicolas nicole nicolo nigel nikita nikki niklas
    nikolai nikolaus nils nilufer nina nnedi noa noah noam noel noelle nora norbert noreen
    noriko norma norman nuala nuria obi octavia oda oksana olaf olga oliver olivia olivier olof
    omar oona oprah orhan oriana orson oscar otessa ottessa otto pablo pam pamela paola pascal
    pat patricia patrick patsy patti patty paul paula paulette paulina pauline paulo pavel pearl
    pedro peggy penelope penny percy perumal pete peter petr petra petros petter phil philip
    philippa philippe phillip phillipa phoebe phyllis pia pierce pierre pieter piotr polly primo
    priya qiu quentin rabih rachael rachel rachelle rafael rafe raffaella rainer raj rajesh ralf
    ralph ramesh ramon ramona randall randi randy ransom raphael raphaelle raquel rashid raul
    ravi ray raymond rebecca reed reggie regina reginald reiner reinhold renata renate rene
    renee rex reza rhianna rhoda rhonda rhys ricardo riccardo richard richelle rick rikke riku
    riley rina rita roald rob robb robbie robert roberta roberto robertson robin robyn rochelle
    rod roderick rodney rodrigo roger rohan rohinton roland rolf romain romesh romina ron ronald
    ronan ronja rory rosa rosalie rosalind rosalyn rosamund rosanna rosanne rose roselle
    rosemarie rosemary rosie rowena roxane roxanne roy ruben rudi rudolf rudy rudyard rufus rune
    rupert rutger ruth ryan ryu sabaa sabine sabrina sadie saeed saidiya saladin sally salman
    salvador salvatore sam samanta samantha samir samuel sander sandra sandro sanjeev santiago
    sara sarah sarai sascha sasha satoshi saul sayaka scarlett scott seamus sean sebastian
    sebastien selena selina selma senthil serena serge sergei sergio seth seymour shane shannon
    shari sharon sharyn shaun shawn shawna sheila shel shelby shelley shelly sherri sherrilyn
    sherry sheryl shilpa shirin shirley shobha shonda shuichi siddhartha sidney sigmund sigrid
    silas silke silvia silvio simon simone siobhan sissy sjon sofia solvej sonia sonja sonya
    sophia sophie soren sosuke stacey stacy stanislaw stanley stefan stefania stefanie stefano
    steffen stella stephan stephane stephanie stephen stephenie steve steven stieg stine stuart
    sue suki sumner sunil susan susana susann susanna susanne susie suzanna suzannah suzanne
    suzy svein sven svend svetlana sybil sybille sylvain sylvia sylvie tabitha tad tahereh tahir
    takashi taku talia tami tammy tamora tamsyn tana tanja tanya tara tarjei tarryn tasha
    tatiana tatjana tayari tayeb ted teju terence teresa terri terry tess tessa thad thandiwe
    thea thelma theo theodor theodore theresa theresia thich thierry thomas thorsten thrity
    tiffany tilda tilly tim timo timothy tina tobias tobin toby todd tom tomas tomasz tomi toni
    tony tonya torben toya tracy travis tressie trevor tricia trina trish trisha tristan trudi
    trudy truman tuomas tyler tyrone ulla ulrich ulrike uma umberto ursula uta ute uwe uzma val
    valentin valentina valentine valeria valerie vanessa vanja vaseem vaughn veit venetia vera
    vernor veronica veronika veronique vicki vicky victoire victor victoria vigdis viggo vikas
    vikram viktor viktoria vilhelm vince vincent viola virginia virginie vivek vivian vivien
    vivienne vladimir volker vonda wallace walt walter wanda ward waris wayne wendell wendy
    werner wes wesley whitney wibke wiebke wieland wil wilbur wilfred wilhelm wilkie will willa
    willard william willie wilma winifred winston wole wolfgang xavier xiaolu xiran yaa yael yan
    yanis yann yasmin yasmina yasmine yasunari yevgeny yiyun yoko yoshihiro yoshiki yukio yuko
    yuri yusuf yuval yvette yvonne zach zachary zack zadie zakes zakiya zane zelda zoe zora
    zsuzsa zulfu
    """.split()  # noqa: SIM905  hundreds of quoted names would be harder to read
)
