"""Common given names: enough to tell "Light Bringer - Pierce Brown" from "Author - Title".

Names that are as common a word in titles (Hope, Summer, Faith) are left out. Beside names of
writers and readers these are the most frequent of the birth registers of the United States, the
United Kingdom, Canada and Australia ("Gender by Name", UCI Machine Learning Repository, CC BY 4.0).
"""

GIVEN_NAMES = frozenset(
    """
    aaden aaliyah aarav aaron abagail abbey abbie abbigail abby abdul abdullah abe abel abigail
    abigale abigayle abner abraham abram abril ada adaline adalyn adalynn adam adan addilyn
    addison addisyn addyson adela adelaide adele adelia adelina adell adella adelle adelyn
    adelynn aden adilene adina aditya adolfo adolph adonis adrain adria adrian adriana adriane
    adrianna adrianne adriel adrien adrienne afton agatha agnes agustin agustina ahmad ahmed
    aida aidan aiden aileen aimee ainsley aisha aiyana aja akeem akira akwaeke alain alaina alan
    alana alani alanna alannah alasdair alastair alaya alayah alayna alba albert alberta
    albertha albertine alberto albina alda alden aldo aldous aleah alec alecia aleena alejandra
    alejandro aleksander aleksandr alena alene aleron alesha alesia alessandra alessandro aleta
    aletha alex alexa alexander alexandra alexandre alexandrea alexandria alexandro alexi alexia
    alexis alexus alexzander alfonso alfonzo alfred alfreda alfredo ali alia aliana alice alicia
    alijah alina aline alisa alisha alison alissa alistair alivia aliya aliyah aliza alize allan
    allen allene allie allison ally allyn allyson allyssa alma alondra alonso alonzo aloysius
    alpha alphonse alphonso alta althea alton alva alvaro alvin alvina alvis alyce alycia alysa
    alyse alysha alysia alyson alyssa alyssia amal amalia amanda amani amara amare amari amaris
    amaya amberly ambrose ameer amelia amelie ami amia amie amin amina amir amira amirah amitav
    amiya amiyah amor amos amy amya ana anabel anabella anabelle anahi anais anastasia anatole
    anaya anders anderson andi andra andre andrea andreas andres andrew andria andrzej andy
    angela angelia angelica angelina angeline angelique angelita angelo angie angus anika anil
    anisa anissa anita aniya aniyah anja anjali ann anna annabel annabell annabella annabelle
    annalee annalisa annalise annamarie anne anneliese annelise annemarie annetta annette annie
    annika annmarie ansel ansley anson anthea anthony antione antionette antoine antoinette
    anton antone antonette antonia antonio antony antwan antwon anuk anya april araceli aracely
    archer archie ardell arden ardis ardith areli arely aretha ari aria ariah arian ariana
    arianna aric arie ariel ariella arielle ariyah arjun arkady arleen arlen arlene arlette
    arlie arline arlo armand armando armani armin armistead arnaldur arne arnold arnulfo aron
    arron arther arthur artie artis arturo arundhati arvin arya aryan aryana aryanna asa asha
    ashanti ashely asher ashlee ashleigh ashley ashli ashlie ashly ashlyn ashlynn ashok ashton
    ashtyn asia aspen astra astrid atticus atul aubree aubrey aubrie audie audra audrey audrina
    augusta augustine augusto aundrea aurelia aurelio austen austin austyn ava avah averi averie
    avery aviana avianna avis axel aya ayaan ayana ayanna aydan ayden aydin ayesha ayla ayleen
    aylin azalea azar azaria azariah bahni bailee bailey bambi banana barack barbara barbra
    barney baron barrett barry bart bartholomew barton bas basil bastian baylee baylor beatrice
    beatrix beatriz beau becca beckett beckham becky belen belinda bella belle belva ben
    benedetta benedict benita benito benjamin bennett bennie benny benson bentley benton
    berenice berkley bernadette bernadine bernard bernardo bernd bernhard bernice bernie
    berniece berry bert berta bertha bertie bertolt bertram beryl bess bessel bessie beth
    bethany bethel betsy bettany bette bettie bettina betty bettye beulah beverley beverly
    bianca bilal bill billie birdie birgit bishop bjorn blaine blair blaise blake blakely blanca
    blanch blanche blaze blythe bob bobbi bobbie bobby bodhi bohumil bonita bonnie bonny booker
    boris boston bowen boyce boyd brad braden bradford bradley bradly brady braeden braelyn
    braelynn braiden bram brandan brandee branden brandi brandie brandon brandt brandy brandyn
    brannon branson brant brantley braxton brayan brayden braydon braylee braylen braylon brea
    breana breann breanna breanne bree brenda brendan brenden brendon brenna brennan brennen
    brent brenton breonna bret brett bria brian briana brianna brianne briar brice bridget
    bridgett bridgette briella brielle brigette brigid brigitte briley brinley brionna brisa
    bristol brit britany britney britni britt brittani brittanie brittany brittney brittni
    britton brock broderick brodie brody bronson bronwyn brook brooke brooklyn brooklynn brooks
    bruce bruno bryan bryana bryanna bryant bryce brycen brylee bryn brynlee brynn brynne bryon
    bryson buck bud buddy buford burl burt burton buster byron cade caden cadence caesar caiden
    cailyn cain caitlin caitlyn caitlynn cal cale caleb caleigh cali calista callan callen
    callie callum calvin cambria camden camdyn cameron cami camila camilla camille camilo
    campbell camren camron camryn candace candi candice candis cannon cara caren carey cari
    carina carissa carl carla carlee carleen carleigh carlene carleton carley carli carlie carlo
    carlos carlotta carlton carly carlyle carmel carmela carmelita carmella carmelo carmen
    carmine carnell carol carola carolann carole carolina caroline carolyn carolynn carrie
    carrol carroll carson carter cary caryl caryn casandra casey cash casie casimir cason casper
    cassandra cassidy cassie cassius catalina cathal catharine catherine cathie cathleen
    cathrine cathryn cathy catrina cayden cayla caylee cecelia cecil cecile cecilia cecily
    cedric cedrick celeste celestine celia celina celine cesar chace chad chadwick chaim chana
    chance chanda chandler chandra chanel chanelle channing chantal chantel chantelle charissa
    charisse charity charla charlaine charlee charleen charleigh charlene charles charley charli
    charlie charline charlize charlotte charmaine chase chasity chastity chauncey chaya chaz
    chelsea chelsey chelsie cheri cherie cherish cherry cheryl cheryle chester chet cheyanne
    cheyenne chiara chimamanda chinua chip chiquita chloe chris chrissy christa christal
    christen christene christi christian christiana christie christin christina christine
    christof christoph christopher christy chrystal chuck chyna ciara ciera cierra cilla cindi
    cindy cinthia cixin clair claire clara clare clarence clarice clarissa clark clarke claud
    claude claudette claudia claudie claudine claudio clayton clement clementine cleo cletus
    cleveland cliff clifford clifton clint clinton clive clyde coby codi cody cohen colby cole
    coleen coleman colette colin colleen collette collin collins colson colt colten colton colum
    columbus concepcion concetta conn conner connie connor conor conrad constance constantine
    consuelo cooper cora corbin cordelia cordell corey cori corie corina corine corinna corinne
    cormac cornelia cornelius cornell corrie corrina corrine cortez cortney cory coty courtney
    coy craig cressida cristal cristian cristina cristobal cristopher cristy cruz cullen curt
    curtis curtiss cydney cynthia cyril cyrus daana dahlia daisy dakota dakotah dale daleyza
    dalia dalila dallas dallin dalton damaris damian damien damion damon dan dana danae dandre
    dane danelle danette dangelo dani dania danial danica daniel daniela daniella danielle
    danika danilo danita danna dannie danny dante danyelle daphne daquan dara darby darci darcie
    darcy darell daren daria darian darien darin dario darion darius darla darleen darlene
    darline darnell daron darrel darrell darren darrick darrin darrius darron darryl daryl
    dashawn dasia dave davian david davide davin davina davion davis davon dawn dawna dawson dax
    daxton dayana dayanara dayna dayton deacon dean deana deandra deandre deangelo deann deanna
    deanne deb debbie debby debora deborah debra declan dee deena deepak deidra deidre deion
    deirdre deja dejuan delaney delano delbert delia delilah dell della delma delmar delmer
    delois delores deloris delphine delvin demarco demarcus demario demetria demetrius demi
    demond dena denice denis denise denisse dennis denny denton denver denzel deon deonte dereck
    derek deric derick derik dermot deron derrell derrick deshaun deshawn desirae desiree
    desmond dessie destin destinee destiney destini devan devante deven devin devon devonte
    devyn dewayne dewey dewitt dexter dian diana diane diann dianna dianne dick diego dieter
    dillan dillon dimitri dina dinah dinesh dino dion dionne dirk dixie dmitry dock dollie dolly
    dolores domenic domenick domingo dominic dominick dominik dominique dominque domonique don
    dona donal donald donavan donavon donell donita donn donna donnell donnie donny donovan
    dontae donte dora dorcas doreen dorene doretha dori dorian dorinda doris dorothea dorothy
    dorris dorsey dortha dorthe dorthy dottie doug douglas dovie doyle drake draven drew duane
    dudley duke dulce duncan dustin dusty dwain dwayne dwight dylan eamon ean earl earle earlene
    earline earnest earnestine easter easton eboni ebony eckhart ed edd eddie eddy edgar edgardo
    edie edison edith edmond edmund edna edoardo eduard eduardo edward edwardo edwidge edwin
    edwina edythe effie efrain efren efua egon eileen eilis elaina elaine elana elbert elda
    elden eldon eldridge eleanor eleanora eleanore eleazar elena eleni eli elia elian eliana
    elianna elias elida elie eliezer elif elijah elinor elio eliot elisa elisabeth elise eliseo
    elisha elissa eliza elizabeth ella elle ellen ellery elliana ellie elliot elliott ellis
    ellison ellsworth elma elmer elmo elmore elnora eloisa eloise elouise eloy elroy elsa elsie
    elspeth elton elva elvera elvia elvin elvira elvis elwin elwood elyse elyssa emani emanuel
    emelia emelie emely emerson emersyn emery emiko emil emile emilee emilia emiliano emilie
    emilio emily emma emmalee emmaline emmalyn emmanuel emmanuelle emmet emmett emmie emmitt
    emmy emogene emory enid enoch enrico enrique enzo eoin ephraim eric erica erich erick ericka
    erik erika erin erlend erling erma erna ernest ernestina ernestine ernesto ernie ernst errol
    ervin erwin eryn esi esme esmeralda esperanza essie esteban estefania estefany estela
    estella estelle ester estevan esther estrella etgar ethan ethel etienne etta euan eudora
    eugene eugenia eugenio eula eunice eva evalyn evan evangelina evangeline evans evelin
    evelina evelyn evelynn everett everette everleigh everly evette evgeny evie evonne ewa ewald
    ezekiel ezequiel ezra fabian fabio fabiola faith fajer fallon fannie fanny farah farid
    farrah farrell fatima fawn fay faye federica federico felecia felice felicia felicity felipe
    felisha felix felton ferdinand fergus fern fernanda fernando fidel filip filippo filomena
    finley finnegan fiona flannery fletcher flor flora florence florian florine flossie floy
    floyd flynn fonda ford forrest foster fran frances francesca francesco francine francis
    francisca francisco franco francois francoise frank frankie franklin franklyn frans franz
    franziska fred freda freddie freddy frederic frederick frederik fredric fredrick fredrik
    freeman freida freya frida frieda friedrich fritjof fritz fumiko fyodor gabby gabor gabriel
    gabriela gabriele gabriella gabrielle gael gage gail gale galen galilea gannon gareth garett
    garfield garland garnet garnett garret garrett garrick garrison garry garth gary gaston
    gavin gavyn gay gaye gayla gayle gaylord geir gemma gena genaro gene geneva genevieve gentry
    geoff geoffrey georg george georges georgette georgia georgiana georgianna georgie georgina
    gerald geraldine geralyn gerard gerardo gerd gerhard geri germaine gerri gerrit gerry gertie
    gertrude gia giacomo giana giancarlo gianna gianni gianrico gideon gil gilbert gilberto
    gilda giles gillian gin gina ginger ginny gino giorgio giovani giovanna giovanni giovanny
    gisele giselle gisselle giulia giuliana giuseppe gladys glen glenda glenn glenna glennon
    gloria glynn golda goldie gonzalo gordon gosta grace gracelyn gracelynn gracie graciela
    grady graeme graham grant granville grayson grecia greg gregg greggory gregor gregorio
    gregory greta gretchen greyson griffin griselda grover grzegorz guadalupe gudrun guido
    guillaume guillermo gunnar gunner gunter gus gussie gustav gustave gustavo guy gwen
    gwendolyn gwyneth hadassah hadley haiden hailee hailey hailie hakan hakeem hal haleigh haley
    halie halldor halle hallie hamish hamza hana hanif hank hanna hannah hanne hannes hans hanya
    harald hardy hari harlan harland harlee harley harlow harmon harmony harold harper harriet
    harriett harriette harris harrison harry haruki harvey hassan hattie haven hayden hayes
    haylee hayleigh hayley haylie hayward haywood hazel heath heather hector heidi heidy
    heinrich heinz helen helena helene helga hellen helmut hemant hendrik hendrix henley henning
    henri henrik henry herbert heriberto herman hermann hernan herschel hershel hester hettie
    hezekiah hilary hilda hillary hilton hiram hiro hiroko hiromi hiroshi hjalmar hobert holden
    holger holland holli hollie hollis holly homer honore horace horst hortense hosea houston
    howard hoyt hubert hudson huey hugh hugo hulda humberto humphrey hyman iain ian ibrahim
    ibram ida idella iesha ignacio igor ike iker ila ilan ilana ileana ilene iliana ilka ilona
    ima iman imani imelda immanuel imogen imogene ina ines inez infant inga inger ingo ingrid
    ioana iola iona ione ira ireland irene irina iris irma irmgard irvin irvine irving irwin
    isaac isabel isabela isabell isabella isabelle isadore isai isaiah isaias isela isiah isidro
    isis isla ismael ismail issac italo itamar itzel iva ivan ivana ivanna ivar ivette ivey ivo
    ivonne ivy izabella izaiah jabari jacalyn jace jacek jacey jacinta jack jackeline jackie
    jacklyn jacky jaclyn jaclynn jacob jacoby jacque jacquelin jacqueline jacquelyn jacquelynn
    jacques jacqui jacquline jada jaden jadon jadyn jaeden jael jaelyn jaelynn jagger jai jaida
    jaiden jaidyn jailyn jaime jaimee jaimie jair jairo jakayla jake jakob jakub jalen jalisa
    jaliyah jalyn jalynn jamaal jamal jamar jamarcus jamari jamarion jamel james jameson jamey
    jami jamie jamil jamila jamir jamison jammie jamya jan jana janae janay jane janeen janel
    janell janelle janessa janet janette janey janice janie janina janine janis janiya janiyah
    jann janna jannette jannie jannik janusz jaquan jaqueline jared jaren jarod jaron jarred
    jarrett jarrod jarvis jase jasiah jasmin jasmine jasmyn jason jasper jaunita javier javion
    javon jax jaxon jaxson jaxton jay jayce jaycee jayceon jayda jayde jayden jaydon jaye jayla
    jaylah jaylan jaylee jayleen jaylen jaylene jaylin jaylon jaylyn jaylynn jayme jaymie jayna
    jayne jayson jazlyn jazlynn jazmin jazmine jazmyn jazmyne jean jeana jeanetta jeanette
    jeanie jeanine jeanna jeanne jeannette jeannie jeannine jed jedidiah jeff jefferson jeffery
    jeffrey jeffry jelena jemma jen jena jenelle jenifer jenn jenna jennette jenni jennie
    jennifer jenny jens jensen jerald jere jeremiah jeremy jeri jerilyn jerimiah jermaine jerod
    jerold jerome jeromy jerrell jerri jerrie jerrod jerrold jerry jerzy jesenia jesica jess
    jessa jessamyn jesse jessenia jessi jessica jessie jessika jessy jett jevon jewel jewell
    jhumpa jill jillian jim jimena jimmie jimmy jo joachim joan joana joanie joann joanna joanne
    joao joaquin jocelyn jocelynn jochen jodi jodie jody joe joel joelle joellen joesph joey
    johan johana johann johanna johanne johannes john johnathan johnathon johnie johnna johnnie
    johnny johnpaul johnson joi jojo joleen jolene jolie jon jonah jonas jonathan jonathon joni
    jonna jonnie jordan jorden jordi jordin jordon jordy jordyn jorg jorge joris jose josef
    josefina joselyn joseph josephine josette josh joshua josiah josie joslyn josue journee
    jovan jovani jovanni joy joyce joycelyn juan juana juanita judah judd jude judi judie judith
    judson judy jules juli julia julian juliana juliann julianna julianne julie julien juliet
    julieta juliette julio julissa julius jun junichi juniper junius junot jurgen jussi justin
    justina justine justus jutta kacey kaci kacie kacy kade kaden kadence kadin kaela kaelyn kai
    kaia kaiden kaila kailee kailey kailyn kaitlin kaitlyn kaitlynn kaiya kala kalani kale kaleb
    kaleigh kalen kaley kali kaliane kalie kaliyah kalli kallie kalvin kalyn kamari kamden kamel
    kameron kami kamil kamila kamilah kamron kamryn kandace kandi kandice kandy kane kara karan
    kareem karel karen kari karie karim karin karina karis karissa karl karla karlee karley
    karli karlie karly karmen karol karolina karolyn karon karrie karson karsten karsyn karter
    karyn kasandra kasen kasey kash kason kasper kassandra kassidy kassie kat katarina katarzyna
    kate katelin katelyn katelynn katerina katharina katharine kathe katherine katheryn kathi
    kathie kathleen kathlyn kathrin kathrine kathryn kathryne kathy kati katia katie katina
    katja katlin katlyn katrin katrina katrine kattie katy kay kaya kaycee kayden kaydence kaye
    kayla kaylah kaylan kaylee kayleen kayleigh kaylen kaylene kayley kayli kaylie kaylin kaylyn
    kaylynn kayson kazuo keagan keanu keara keaton keegan keeley keely keenan keigo keiko keila
    keira keisha keith kelby kellan kellen kelley kelli kellie kelly kelsea kelsey kelsi kelsie
    kelton kelvin ken kendal kendall kendell kendra kendrick kendyl kenia kenley kenna kennedi
    kennedy kenneth kennith kenny kensley kent kenton kenya kenyatta kenyon kenzie keon keri
    kermit kerri kerrie kerry kerstin kesha keshawn keshia kevan keven kevin kevon keyla keyon
    khadijah khaled khalid khalil khloe kia kian kiana kianna kiara kiera kieran kierra kiersten
    kiley killian kim kimber kimberlee kimberley kimberly kimora kingsley kingston kinley kinsey
    kinsley kip kira kirby kirk kirsten kirstin kirsty kisha kit kitty klara klaus knox kobe
    kobna kobo koby kodi kody koji kolby kole kolton konner konnor kora korbin korey kori
    kortney kory kourtney kraig kris krista kristal kristan kristen kristi kristian kristie
    kristin kristina kristine kristofer kristopher kristy kristyn krysta krystal krystina
    krystle kurt kurtis kya kyla kylah kylan kyle kylee kyleigh kyler kylie kyndall kyra kyree
    kyrie kyson lacey lachlan laci lacie lacy ladonna lafayette laila lailah laine lainey laini
    lakeisha laken lakesha lakeshia lakisha lamar lamont lana lance landen landon landry landyn
    lanette laney langston lani lanie lanny laquita lara larissa laron larry lars lashanda
    lashawn lashonda latanya latasha latisha latonia latonya latosha latoya latrice latricia
    laura laureen laurel lauren laurence laurent lauretta lauri laurie lauryn lavern laverne
    lavina lavinia lavon lavonne lawanda lawerence lawrence lawson layla laylah layne layton
    lazaro lea leah leander leandra leandro leann leanna leanne leatha leatrice lee leeann leena
    leia leif leigh leigha leighton leila leilani leisa lela leland lelia lemuel lena lenard
    lennie lennon lennox lenny lenora lenore leo leola leon leona leonard leonardo leone leonel
    leonid leonidas leonie leonor leonora leopold leopoldo leora leota leroy lesa leslee lesley
    lesli leslie lesly lessie lester leta letha leticia letitia lettie lev levi levon lewis lexi
    lexie lexus leyla lia liam liana liane lianna libba libby lida lidia lieke lila lilah lilia
    lilian liliana lilianna lilith lillian lilliana lillianna lillie lilly lily lilyana lina
    linda linden lindsay lindsey lindy linn linnea linnie linsey linwood lionel lisa lisbeth
    lisette lissette litzy liv livia liz liza lizabeth lizbeth lizeth lizette lizzie lloyd logan
    lois lola lolita lon lona londyn lonnie lonny lora loraine lorelai lorelei loren lorena
    lorene lorenza lorenzo loretta lori lorie lorin lorine lorna lorne lorraine lorri lorrie
    lothar lotte lottie lou louann louella louie louis louisa louise lourdes lovie lowell loy
    loyd luann luanne luca lucas lucero lucia lucian luciana luciano lucie lucien lucile lucille
    lucinda lucio lucius lucretia lucy ludwig lue luella luigi luis luisa luka lukas lukasz luke
    lula lulu luna lupe lupita lura luther luz lyda lydia lyla lylah lyle lyman lyn lynda lyndon
    lyndsay lyndsey lynette lynn lynne lynnette lynsay lynsey lyric mabel mable mac macey maci
    macie maciej mack mackenzie macleod macy madaline madalyn madalynn madden maddison maddox
    madeleine madeline madelyn madelynn madge madilyn madilynn madisen madison madisyn madonna
    madyson mae maegan maeve magaly magdalena magdalene maggie magnolia magnus mahlon mai maia
    maira maisie major makai makayla makena makenna makenzie malachi malakai malala malaya
    malaysia malcolm malcom maleah malia malik malin malinda malissa maliyah malka malorie mamie
    mandi mandy manfred manuel manuela mara maranda marc marcel marcela marcelino marcell
    marcella marcelle marcello marcellus marcelo marci marcia marcie marcin marco marcos marcus
    marcy mareike marek maren margaret margareta margarete margarett margarette margarita
    margarito marge margery margie margo margot margret marguerite mari maria mariah mariam
    marian mariana mariann marianna marianne mariano maribel maribeth maricela marie marieke
    mariel mariela marietta marilee marilyn marilynn marilynne marin marina mario marion marisa
    marisela marisol marissa marita maritza mariyah marjan marjane marjorie marjory mark markus
    marla marlee marlen marlena marlene marley marlin marlis marlo marlon marlyn marlys marni
    marnie marques marquez marquis marquise marquita marsha marshal marshall marta martha marti
    martin martina marty marva marvel marvin mary maryam maryann maryanne marybeth maryellen
    maryjane maryjo marylou maryse masashi mashton mason mat mateo mathew mathias mathilda
    mathilde matias matilda matt matteo matthew matthias matthieu mattias mattie maud maude
    maudie maura maureen maurice mauricio maurine maurizio mauro maverick mavis max maxie maxim
    maximilian maximiliano maximillian maximo maximus maxine maxwell may maya maybelle mayme
    maynard mayra mazie mckayla mckenna mckenzie mckinley meadow meagan meaghan meera meg megan
    meghan mehmet mekhi mel melanie melany melba melina melinda melisa melissa mellisa mellissa
    melodie melonie melva melvin melvina memphis menachem mercedes meredith merete merle merlin
    merlyn merrick merrill merritt mervin meryl meta meyer mia miah micaela micah michael
    michaela michal micheal michel michelangelo michele michell michelle mick mickey mieke
    miguel mika mikael mikaela mikal mikayla mike mikel mikhail mikkel mila milagros milan
    mildred milena miles miley milford millard millicent millie milo milton mimi mina mindy
    minerva minna minnie mira miranda mireya miriam misael missy misti misty mitch mitchel
    mitchell mittie mitzi miya mohamed mohammad mohammed mohsin moira moises mollie molly mona
    monica monika monique monroe monserrat montana montserrat monty mordecai mordechai morgan
    moriah moritz morris morten morton mose moses moshe mozelle muhammad muriel murphy murray
    mustafa mya myah myla myles myra myrna myron myrtis myrtle nada nadeem nadezhda nadia nadine
    nagib naguib nakia nalini nan nanci nancy nanette nannette nannie naoise naoko naomi naseem
    nash nasir nassim natalee natalia natalie nataly natalya natasha nate nathalia nathalie
    nathaly nathan nathanael nathanial nathaniel nathen national nayeli neal ned nedra neel
    nehemiah neil nelda nell nella nelle nellie nelly nelson nena nessa nestor nettie neva
    nevaeh nevin newton ngugi nia niall niccolo nichelle nicholas nichole nick nicki nickolas
    nicky nico nicola nicolas nicole nicolette nicolle nicolo nigel nikhil niki nikita nikki
    niklas niko nikolai nikolas nikolaus nikole nila nils nilufer nina nita nixon nnedi noa noah
    noam noe noel noelia noelle noemi nola nolan noor nora norah norbert norberto noreen noriko
    norine norma norman normand norris novella nuala nuria nya nyah nyasia nyla nylah oakley obi
    ocie octavia octavio oda odell odessa odin odis ofelia oksana ola olaf olen oleta olga olin
    olive oliver olivia olivier ollie olof oma omar omari omer ona oona opal ophelia oprah ora
    oralia oren orhan oriana orin orion orlando orpha orrin orson orval orville oscar osvaldo
    oswaldo otessa otha otis ottessa otto ouida owen pablo page paige paislee paisley paityn
    palmer paloma pam pamala pamela pansy paola paolo parker pascal pasquale pat patience
    patrica patrice patricia patrick patsy patti pattie patty paul paula paulette paulina
    pauline paulo pavel paxton payton pearl pearlie pearline pedro peggie peggy penelope penn
    pennie penny percy perla perry perumal pete peter petr petra petros petter peyton phil
    philip philipp philippa philippe phillip phillipa philomena phoebe phyllis pia pierce pierre
    pieter pilar piotr piper polly porter portia presley preston primo princeton priscilla priya
    prudence pusch qiu quentin quincy quinn quinten quintin quinton rabih rachael racheal rachel
    rachelle racquel rae raegan raelyn raelynn rafael rafe raffaella raheem raiden raina rainer
    raj rajesh raleigh ralf ralph raluca ramesh ramiro ramon ramona ramsey randal randall
    randell randi randolph randy ransom raphael raphaelle raquel rashad rashawn rashid raul ravi
    ray rayan rayford raymon raymond raymundo rayna rayne reagan reanna reba rebeca rebecca
    rebekah reece reed reese refugio regan reggie regina reginald regis reid reilly reina reiner
    reinhold remi remington remy rena renae renata renate rene renee renita reta retha reuben
    reva rex rey reyes reyna reynaldo reza rhea rhett rhianna rhiannon rhoda rhonda rhys rian
    ricardo riccardo richard richelle richie rick rickey ricki rickie ricky rico rigoberto
    rihanna rikke rikki riku riley rina rita rivka riya roald rob robb robbie robbin robby
    robert roberta roberto robertson robin robyn rocco rochelle rocio rocky rod roderick rodger
    rodney rodolfo rodrick rodrigo rogelio roger rogers rohan rohinton roland rolando rolf
    rolland rollin romain romeo romesh romina romona ron rona ronald ronaldo ronan ronda roni
    ronin ronja ronnie ronny roosevelt rory rosa rosalee rosalia rosalie rosalind rosalinda
    rosalyn rosamund rosanna rosanne rosario roscoe rose roseann roseanna roseanne rosella
    roselle roselyn rosemarie rosemary rosendo rosetta rosie rosina rosita roslyn ross rowan
    rowen rowena roxana roxane roxann roxanna roxanne roxie roy royce ruben rubi rubie rubin
    ruby rubye rudi rudolf rudolph rudy rudyard rufus rune rupert russ russel russell rusty
    rutger ruth ruthann ruthie ryan ryann ryder ryker rylan ryland rylee ryleigh ryley rylie ryu
    sabaa sabina sabine sabra sabrina sacha sade sadie saeed safiya sage saidiya saige saladin
    salena salina sallie sally salma salman salvador salvatore sam samanta samantha samara sami
    samir samira sammie sammy samson samual samuel sanaa sander sandi sandra sandro sandy
    sanford saniya saniyah sanjeev santana santiago santino santos sara sarah sarahi sarai
    sariah sarina sarita sascha sasha satoshi saul saundra savana savanah savanna savannah
    sawyer sayaka saylor scarlett schuyler scot scott scottie scotty seamus sean sebastian
    sebastien selah selena selene selina selma semaj senthil serena serenity serge sergei sergio
    serina seth seymour shad shae shaina shakira shalonda shamar shameka shamika shana shanda
    shane shanell shania shanice shanika shaniqua shaniya shanna shannan shannon shanon shanta
    shante shantel shantell shaquille shara shari sharla sharlene sharon sharonda sharron sharyn
    shaun shauna shawn shawna shay shayla shaylee shayna shayne shea sheena sheila shel shelbi
    shelbie shelby sheldon shelia shelley shelli shellie shelly shelton sheree sheri sheridan
    sherie sherlyn sherman sherri sherrie sherrill sherrilyn sherry sherwood sheryl shiloh
    shilpa shira shirin shirlee shirlene shirley shobha shon shonda shoshana shuichi shyann
    shyanne shyla siddhartha sidney siena sienna sierra sigmund sigrid silas silke silvia silvio
    simeon simon simone sincere siobhan sissy sjon skye skyla skylar skyler slade sloan sloane
    socorro sofia sol solomon solvej sommer sondra sonia sonja sonny sonya sophia sophie soraya
    soren sosuke spencer stacey staci stacia stacie stacy stanford stanislaw stanley stanton
    starla starr stefan stefani stefania stefanie stefano steffen stella steph stephan stephane
    stephani stephanie stephany stephen stephenie stephon sterling stetson steve steven stevie
    stewart stieg stine stormy stuart sue suki sullivan sumner sunil sunshine susan susana
    susann susanna susannah susanne susie sutton suzan suzanna suzannah suzanne suzette suzy
    svein sven svend svetlana sybil sybille syble sydnee sydney sydni sydnie syed sylas sylvain
    sylvester sylvia sylvie tabatha tabitha tad tahereh tahir taj takashi taku talia taliyah
    talmadge talon tamar tamara tameka tamela tamera tami tamia tamika tammi tammie tammy tamora
    tamra tamsyn tana tanesha tania tanika tanisha taniya tanja tanner tanya tara tarah taran
    tariq tarjei tarryn taryn tasha tate tatiana tatianna tatjana tatum tatyana tawana tawnya
    taya tayari tayeb tayla tayler taylor teagan ted teddy teena tegan teju tena tenley tera
    terence teresa terese teressa teri terrance terrell terrence terri terrie terrill terry tess
    tessa tessie tevin thad thaddeus thalia thandiwe thea theda thelma theo theodor theodora
    theodore theresa therese theresia theron thiago thich thierry thomas thor thorsten thrity
    thurman tia tiana tianna tiara tierra tiffani tiffanie tiffany tilda tillie tilly tim timmy
    timo timothy tina tisha titus tiziano tobias tobin toby todd tom tomas tomasz tomi tommie
    tommy toney toni tonia tonja tony tonya torben tore tori torrey tory tosha tove toya trace
    tracey traci tracie tracy travis travon tre trena trent trenton tresa tressa tressie treva
    trever trevon trevor trey tricia trina trinidad trinity trish trisha trista tristan tristen
    tristian tristin triston troy trudi trudy truman trystan tsutomu tucker tuomas turner twila
    twyla tye tyesha tyler tylor tyra tyree tyrell tyrese tyron tyrone tyshawn tyson ulises ulla
    ulrich ulrike uma umberto una unique unnamed uriah uriel ursula uta ute uwe uzma vada val
    valarie valencia valentin valentina valentine valentino valeria valerie valery valorie van
    vance vanesa vanessa vanja vaseem vasily vaughn veda veit velda velma venessa venetia venita
    vera verda verla vern verna verne vernell vernice vernie vernon vernor veronica veronika
    veronique vesta vicente vickey vicki vickie vicky victoire victor victoria vida vienna
    vigdis viggo vikas vikki vikram viktor viktoria vilhelm vilma vina vince vincent vincenzo
    viola violet violeta virgie virgil virginia virginie vito vivek vivian viviana vivien
    vivienne vladimir volker vonda wade waldo wallace wally walt walter walton wanda ward waris
    warner warren waylon wayne weldon wendell wendi wendy werner wes wesley westley weston
    whitley whitney wibke wiebke wieland wil wilber wilbert wilbur wilburn wilda wiley wilford
    wilfred wilfredo wilhelm wilhelmina wilkie will willa willard william williams willie willis
    willow wilma wilmer wilson wilton windy winfield winfred winifred winnifred winona winston
    witold wole wolfgang woodrow wren wyatt wylie wynter xander xavier xiaolu ximena xiomara
    xiran xochitl xzavier yaa yadira yael yahaira yahir yajaira yan yanis yann yareli yaretzi
    yaritza yasmeen yasmin yasmina yasmine yasunari yazmin yehuda yesenia yessenia yevgeny
    yisroel yiyun yoko yolanda yosef yoselin yoshihiro yoshiki yousef yukio yuko yuliana yuri
    yusuf yuval yvette yvonne zac zach zachariah zachary zachery zack zackary zackery zadie
    zahra zaiden zain zainab zaire zakary zakes zakiya zander zane zaniyah zara zaria zariah
    zavier zayden zayne zbigniew zechariah zeke zelda zella zelma zena zina zion zoe zoey zoie
    zola zora zsuzsa zulfu zuri
    """.split()  # noqa: SIM905  hundreds of quoted names would be harder to read
)
